import { expect, test } from 'vitest'
import { versions } from '../../src/spec/versions.ts'
import { parsedConfig } from '../helpers/parse.ts'

test.each(versions.slice(0, 6))('special bits of %s are dropped', (version) => {
  const { files, directories } = parsedConfig({
    ignition: { version },
    storage: {
      files: [{ path: '/f', mode: 0o4755 }],
      directories: [{ path: '/d', mode: 0o1777 }, { path: '/e' }],
    },
  }).storage
  expect(files[0]?.mode).toBe(0o755)
  expect(directories.map(({ mode }) => mode)).toEqual([0o777, undefined])
})

test('special bits count since 3.6.0', () => {
  const config = parsedConfig({
    ignition: { version: '3.6.0' },
    storage: { files: [{ path: '/f', mode: 0o4755 }] },
  })
  expect(config.storage.files[0]?.mode).toBe(0o4755)
})

test('a tang advertisement of 3.4.0 is kept', () => {
  const tang = [{ url: 'http://tang.example.com', thumbprint: 't', advertisement: '{}' }]
  const config = parsedConfig({
    ignition: { version: '3.4.0' },
    storage: { luks: [{ name: 'a', device: '/a', clevis: { tang } }] },
  })
  expect(config.storage.luks[0]?.clevis.tang[0]?.advertisement?.reveal()).toBe('{}')
})

test('the version becomes the newest; one that is newest keeps its spelling', () => {
  expect(parsedConfig({ ignition: { version: '03.00.0' } }).ignition.version).toBe('3.7.0-experimental')
  expect(parsedConfig({ ignition: { version: '3.7.0-experimental+' } }).ignition.version).toBe(
    '3.7.0-experimental+',
  )
})

test('before 3.3.0 a missing target or level is an empty one', () => {
  const config = parsedConfig({ ignition: { version: '3.0.0' }, storage: { links: [{ path: '/l' }] } })
  expect(config.storage.links[0]?.target).toBe('')
})
