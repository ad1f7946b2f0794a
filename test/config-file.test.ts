import { expect, test } from 'vitest'
import { readDriveFile } from '../src/config-file.ts'
import { fakeSystem } from './helpers/fake-system.ts'

const secret = 'of the machine'

const files = () =>
  fakeSystem({
    files: {
      '/etc/shadow': secret,
      '/mnt/deep/config': 'config',
      '/mnt/empty': '',
      '/mnt/disk': { block: Buffer.from(secret) },
      '/mnt/out': { link: '/etc/shadow' },
      '/mnt/up': { link: '../../../../etc/shadow' },
      '/mnt/etc-of-the-machine': { link: '/etc' },
      '/mnt/absolute': { link: '/deep/config' },
      '/mnt/relative': { link: 'deep/../deep/config' },
      '/mnt/dangling': { link: 'nowhere' },
      '/mnt/circle': { link: 'circle' },
      '/mnt/to-disk': { link: 'disk' },
    },
  }).files

const read = (path: string) => {
  const bytes = readDriveFile(files(), { directory: '/mnt', path, what: `"${path}" on a drive` })
  return bytes && new TextDecoder().decode(bytes)
}

test.each([
  ['/deep/config', 'config'],
  ['deep/config', 'config'],
  ['/../deep/config', 'config'],
  ['/deep/../../deep//./config', 'config'],
  ['/absolute', 'config'],
  ['/relative', 'config'],
  ['/empty', ''],
  ['/missing', undefined],
  ['/deep/config/below', undefined],
  ['/out', undefined],
  ['/up', undefined],
  ['/etc-of-the-machine/shadow', undefined],
  ['/dangling', undefined],
])('%s is what is on the drive', (path, expected) => {
  expect(read(path)).toBe(expected)
})

test.each([
  ['', 'FL_CONFIG_UNREADABLE', '"" on a drive is a directory, not a file'],
  ['/deep', 'FL_CONFIG_UNREADABLE', '"/deep" on a drive is a directory, not a file'],
  ['/to-disk', 'FL_CONFIG_UNREADABLE', '"/to-disk" on a drive is a block device, not a file'],
  ['/circle', 'FL_PATH_ESCAPES', 'more than 40 symbolic links'],
])('%j is an error', (path, code, message) => {
  expect(() => read(path)).toThrow(
    expect.objectContaining({ code, message: expect.stringContaining(message) }),
  )
})
