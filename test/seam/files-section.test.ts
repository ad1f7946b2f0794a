import { spawnSync } from 'node:child_process'
import {
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { files } from '../../src/sections/files/index.ts'
import type { Config } from '../../src/spec/config.ts'
import type { Sketch } from '../helpers/config-of.ts'
import { realSystem } from '../helpers/real-system.ts'
import { scratchDirectory } from '../helpers/scratch.ts'
import { failureOf, planned, provision, type StageOptions, stage } from '../helpers/stage.ts'

const setUp = (storage: Sketch<Config['storage']>, rest: Partial<StageOptions> = {}) => {
  const scratch = scratchDirectory()
  const root = join(scratch, 'sysroot')
  const outside = join(scratch, 'outside')
  mkdirSync(root)
  mkdirSync(outside)
  const context = stage({ system: realSystem().system, config: { storage }, root, ...rest })
  return { root, outside, context, run: () => provision(context, files) }
}

const attributes = (path: string) => {
  const { mode, uid, gid } = lstatSync(path)
  return `${(mode & 0o7777).toString(8)} ${uid}:${gid}`
}

describe('on a real filesystem, as root', () => {
  test('owners and modes are exact, whatever the umask', async () => {
    const { root, context, run } = setUp({
      directories: [{ path: '/shared', mode: 0o3777, user: { id: 1001 }, group: { id: 1002 } }],
      files: [
        { path: '/shared/suid', mode: 0o6755, user: { id: 1001 }, group: { id: 1002 } },
        { path: '/new/dir/plain' },
      ],
      links: [
        { path: '/shared/relative', target: 'suid' },
        { path: '/shared/owned', target: '/shared/suid', user: { id: 1003 } },
        { path: '/new/twin', target: '/shared/suid', hard: true },
      ],
    })
    const umask = process.umask(0o077)
    try {
      await run()
    } finally {
      process.umask(umask)
    }
    expect(attributes(join(root, 'shared'))).toBe('3777 1001:1002')
    expect(attributes(join(root, 'shared/suid'))).toBe('6755 1001:1002')
    expect(attributes(join(root, 'new'))).toBe('755 0:0')
    expect(attributes(join(root, 'new/dir/plain'))).toBe('644 0:0')
    expect(lstatSync(join(root, 'shared/owned')).uid).toBe(1003)
    expect(lstatSync(join(root, 'new/twin')).ino).toBe(lstatSync(join(root, 'shared/suid')).ino)
    expect(await planned(context, files)).toEqual([])
  })

  test('a new relative link is root’s, whoever owns its target', async () => {
    const { root, run } = setUp({
      files: [{ path: '/target', user: { id: 1001 } }],
      links: [{ path: '/link', target: 'target' }],
    })
    await run()
    expect(lstatSync(join(root, 'link'))).toMatchObject({ uid: 0, gid: 0 })
  })

  test('a changed owner of an existing file does not cost it its special bits', async () => {
    const { root, run } = setUp({ files: [{ path: '/tool', mode: 0o4755, user: { id: 1001 } }] })
    writeFileSync(join(root, 'tool'), 'x', { mode: 0o755 })
    await run()
    expect(attributes(join(root, 'tool'))).toBe('4755 1001:0')
  })

  test('appending reaches all names of a file', async () => {
    const { root, run } = setUp({ files: [{ path: '/log', append: [{ source: 'data:,two' }] }] })
    writeFileSync(join(root, 'log'), 'one')
    linkSync(join(root, 'log'), join(root, 'other-name'))
    await run()
    expect(readFileSync(join(root, 'other-name'), 'utf8')).toBe('onetwo')
  })

  test('large contents from afar are appended whole, and leave nothing beside the file', async () => {
    const parts = [1, 2, 3].map((value) => 'x'.repeat(900_000 + value))
    const { root, run } = setUp(
      { files: [{ path: '/log', append: [{ source: 'http://host/x' }, { source: 'data:,end' }] }] },
      { resources: { 'http://host/x': parts } },
    )
    writeFileSync(join(root, 'log'), 'begin')
    await run()
    expect(readFileSync(join(root, 'log'), 'utf8') === `begin${parts.join('')}end`).toBe(true)
    expect(readdirSync(root).filter((name) => name.startsWith('.firstlight'))).toEqual([])
  })

  test('a wrong hash leaves nothing under any name', async () => {
    const { root, run } = setUp(
      { files: [{ path: '/sub/f', contents: { source: 'http://host/x' } }] },
      { resources: { 'http://host/x': ['x'.repeat(100_000), new Error('hash verification failed')] } },
    )
    await failureOf(run)
    expect(readdirSync(join(root, 'sub'))).toEqual([])
  })
})

describe('links that would lead out of the root', () => {
  type Trap = (where: { root: string; outside: string }) => void
  const file = (path: string) => ({ files: [{ path, contents: { source: 'data:,x' } }] })

  test.each<[string, Trap, Sketch<Config['storage']>]>([
    ['absolute', ({ root, outside }) => symlinkSync(outside, join(root, 'l')), file('/l/f')],
    ['relative', ({ root }) => symlinkSync('../outside', join(root, 'l')), file('/l/f')],
    [
      'climbing far',
      ({ root, outside }) => symlinkSync(`${'../'.repeat(30)}${outside}`, join(root, 'l')),
      file('/l/f'),
    ],
    [
      'in two hops',
      ({ root, outside }) => {
        symlinkSync('/second', join(root, 'l'))
        symlinkSync(outside, join(root, 'second'))
      },
      file('/l/f'),
    ],
    [
      'through a link to a link with dots',
      ({ root }) => {
        mkdirSync(join(root, 'd'))
        symlinkSync('d/../second', join(root, 'l'))
        symlinkSync('./../outside', join(root, 'second'))
      },
      file('/l/f'),
    ],
    [
      'as the last component',
      ({ root, outside }) => symlinkSync(join(outside, 'f'), join(root, 'f')),
      { files: [{ path: '/f', overwrite: true, contents: { source: 'data:,x' } }] },
    ],
    [
      'made by the config behind an existing link',
      ({ root }) => {
        mkdirSync(join(root, 'd'))
        symlinkSync('/d', join(root, 'e'))
      },
      { ...file('/e/x/f'), links: [{ path: '/d/x', target: '../../outside' }] },
    ],
  ])('%s', async (_, trap, storage) => {
    const where = setUp(storage)
    trap(where)
    await where.run()
    expect(readdirSync(where.outside)).toEqual([])
    expect(where.context.written.size).toBeGreaterThan(0)
  })

  test('in a circle', async () => {
    const { root, run } = setUp(file('/l/f'))
    symlinkSync('m', join(root, 'l'))
    symlinkSync('/l', join(root, 'm'))
    expect(await failureOf(run)).toMatchObject({ code: 'FL_PATH_ESCAPES' })
  })
})

/** Runs a case in a mount namespace of its own, where it may mount what it likes. */
function inNamespace(name: string): unknown {
  const child = join(import.meta.dirname, 'files-section.child.ts')
  const args = [
    '-m',
    '--propagation',
    'private',
    process.execPath,
    '--disable-warning=ExperimentalWarning',
    child,
    name,
  ]
  const { stdout, stderr } = spawnSync('unshare', [...args, scratchDirectory()], { encoding: 'utf8' })
  if (stdout === '') throw new Error(stderr)
  return JSON.parse(stdout)
}

describe('filesystems', () => {
  test('a full one is named, and nothing half-written stays', () => {
    expect(inNamespace('full')).toEqual({
      code: 'FL_NO_SPACE',
      message: expect.stringMatching(
        /^cannot create file "\/var\/big": the filesystem mounted at ".*\/sysroot\/var" \(tmpfs, "small"\) is full/,
      ),
      left: [],
    })
  })

  test.each(['tmpfs', 'bind'])('an overwritten directory with a mount in it (%s) is left alone', (kind) => {
    expect(inNamespace(kind)).toEqual({
      code: 'FL_FILE',
      message: expect.stringMatching(
        /directory "\/data".* the filesystem mounted at ".*\/sysroot\/data\/sub\/mnt"/,
      ),
      left: ['precious'],
    })
  })

  test('a read-only one is named', () => {
    expect(inNamespace('readOnly')).toMatchObject({
      code: 'FL_FILE',
      message: expect.stringMatching(/\/sysroot\/var" \(tmpfs, "small"\) is mounted read-only$/),
    })
  })
})
