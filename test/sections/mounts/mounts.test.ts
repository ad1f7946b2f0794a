import { expect, test } from 'vitest'
import { createMounts } from '../../../src/sections/mounts/index.ts'
import { unmounts } from '../../../src/sections/unmounts/index.ts'
import type { ConfigFilesystem } from '../../../src/spec/config.ts'
import { emptyState } from '../../../src/state.ts'
import type { Sketch } from '../../helpers/config-of.ts'
import { type FakeOptions, fakeSystem } from '../../helpers/fake-system.ts'
import { failureOf, planned, provision, stage } from '../../helpers/stage.ts'

function machine(filesystems: readonly Sketch<ConfigFilesystem>[], rest: FakeOptions = {}) {
  const devices = filesystems.map(({ device = '' }) => [device, { block: new Uint8Array() }] as const)
  const system = fakeSystem({
    ...rest,
    files: { ...Object.fromEntries(devices), '/sysroot/usr': null, ...rest.files },
  })
  const context = stage({ system, config: { storage: { filesystems } } })
  return { system, context }
}

const runsOf = ({ system }: ReturnType<typeof machine>) =>
  system.runs.map(({ program, args }) => [program, ...args].join(' '))

test('mounts from the top down, with the options of the config', async () => {
  const made = machine([
    { device: '/dev/c', format: 'xfs', path: '/var/lib/c', mountOptions: ['ro', 'noexec'] },
    { device: '/dev/s', format: 'swap', path: '/s' },
    { device: '/dev/n', format: 'none', path: '/n' },
    { device: '/dev/u', path: '/u' },
    { device: '/dev/b', format: 'ext4', path: '//var/./x/..' },
    { device: '/dev/a', format: 'ext4', path: '/' },
  ])
  await provision(made.context, createMounts())
  expect(runsOf(made)).toEqual([
    'mount -o  -t ext4 /dev/a /sysroot',
    'mount -o  -t ext4 /dev/b /sysroot/var',
    'mount -o ro,noexec -t xfs /dev/c /sysroot/var/lib/c',
  ])
})

test('notes the directories that it made, and keeps those noted before', async () => {
  const { context } = machine([{ device: '/dev/a', format: 'ext4', path: '/usr/home/x' }])
  const section = createMounts()
  await provision(context, section)
  const state = { ...emptyState, notatedDirectories: ['/old'] }
  expect(section.remember?.({ ...context, state }).notatedDirectories).toEqual([
    '/old',
    '/usr/home',
    '/usr/home/x',
  ])
})

test('labels what it made, and a filesystem that is new', async () => {
  const policy = '/sysroot/etc/selinux'
  const made = machine(
    [
      { device: '/dev/a', format: 'xfs', path: '/usr/new/deep' },
      { device: '/dev/b', format: 'xfs', path: '/used' },
    ],
    {
      files: {
        [`${policy}/config`]: 'SELINUXTYPE=targeted\n',
        [`${policy}/targeted/contexts/files/file_contexts`]: '',
        '/sysroot/used/file': '',
      },
    },
  )
  await provision(made.context, createMounts())
  const labelled = made.system.runs
    .filter(({ program }) => program === 'setfiles')
    .map(({ options }) => options.input)
  expect(labelled).toEqual(['/sysroot/usr/new\0', '/sysroot/usr/new/deep\0'])
})

const mountinfo = '23 1 8:1 / /sysroot/x rw - ext4 /dev/a rw\n24 23 0:9 / /sysroot/x/y rw - virtiofs tag rw\n'

test('what is mounted already stays, and is what gets unmounted, from the bottom up', async () => {
  const filesystems = [
    { device: '/dev/a', format: 'ext4', path: '/x' },
    { device: 'tag', format: 'virtiofs', path: '/x/y' },
    { device: '/dev/z', format: 'ext4', path: '/z' },
  ]
  const { context } = machine(filesystems, { files: { '/proc/self/mountinfo': mountinfo } })
  expect(await planned(context, createMounts())).toEqual([
    'mounting "/dev/z" at "/sysroot/z" with type "ext4" and options ""',
  ])
  expect(await planned(context, unmounts)).toEqual(['umounting "/sysroot/x/y"', 'umounting "/sysroot/x"'])
})

test('the new root, mounted before the stages, stays for the boot that goes on in it', async () => {
  const root = '23 1 8:1 / /sysroot rw - ext4 /dev/a rw\n'
  const filesystems = [{ device: '/dev/a', format: 'ext4', path: '/' }]
  const before = machine(filesystems, { files: { '/proc/self/mountinfo': root } })
  expect(await planned(before.context, createMounts())).toEqual([])
  expect(await planned(before.context, unmounts)).toEqual([])
  const over = machine(filesystems, { files: { '/proc/self/mountinfo': root + root } })
  expect(await planned(over.context, unmounts)).toEqual(['umounting "/sysroot"'])
})

test('a path through something else than directories', async () => {
  const { context, system } = machine([{ device: '/dev/a', format: 'ext4', path: '/l/x' }], {
    files: { '/sysroot/l': { link: 'usr' } },
  })
  const failure = await failureOf(async () => provision(context, createMounts()))
  expect(failure).toEqual({
    code: 'FL_MOUNT',
    message:
      'mount path "/l/x" contains non-directory component "/sysroot/l", a symlink; use the path that it leads to',
  })
  expect(system.runs).toEqual([])
})

test('a kernel that does not know the filesystem', async () => {
  const { context } = machine([{ device: '/dev/a', format: 'xfs', path: '/x' }], {
    programs: () => ({ exitCode: 32, stderr: "mount: unknown filesystem type 'xfs'." }),
  })
  const { code, message } = await failureOf(async () => provision(context, createMounts()))
  expect(code).toBe('FL_MOUNT')
  expect(message).toMatch(/^cannot mount "\/dev\/a" at "\/sysroot\/x" as xfs: the kernel .* add its module/)
})

test('unmounting waits for a filesystem that is busy, and says so in the end', async () => {
  const made = machine([{ device: '/dev/a', format: 'ext4', path: '/x' }], {
    files: { '/proc/self/mountinfo': mountinfo },
  })
  let attempts = 0
  const busyFor = (times: number) => ({
    ...made.context,
    system: {
      ...made.system,
      operation: async <T>(_: string, work: (system: typeof made.system) => T | Promise<T>) =>
        work({ ...made.system, unmount: () => fail(times) }),
    },
  })
  const fail = (times: number) => {
    attempts += 1
    if (attempts <= times) throw Object.assign(new Error('EBUSY: busy'), { code: 'EBUSY' })
  }
  await provision(busyFor(3), unmounts)
  expect(attempts).toBe(4)
  attempts = 0
  const failure = await failureOf(async () => provision(busyFor(100), unmounts))
  expect(failure.message).toBe('cannot unmount "/sysroot/x": a program still uses it: EBUSY: busy')
})

test('nothing of it on a running system', () => {
  const { context } = machine([{ device: '/dev/a', format: 'ext4', path: '/x' }])
  const live = { ...context, mode: 'live' as const }
  expect([createMounts().wanted(live), unmounts.wanted(live)]).toEqual([false, false])
})
