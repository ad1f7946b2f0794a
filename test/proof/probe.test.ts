import { expect, test } from 'vitest'
import { probe } from '../../src/proof/probe.ts'
import type { Config } from '../../src/spec/config.ts'
import type { RunResult } from '../../src/system/system.ts'
import type { Sketch } from '../helpers/config-of.ts'
import { fakeSystem, type Run } from '../helpers/fake-system.ts'
import { failureOf, stage } from '../helpers/stage.ts'

const sysfs = '/sys/class/block'
const programs = ['sgdisk', 'partx', 'wipefs', 'blkid', 'mdadm', 'cryptsetup', 'mkfs.ext4']

const disk = (name: string) => ({
  [`/dev/${name}`]: { block: new Uint8Array(1024) },
  [`${sysfs}/${name}/dev`]: '8:0',
  [`${sysfs}/${name}/size`]: '131072',
  [`${sysfs}/${name}/queue/logical_block_size`]: '512',
})

interface Machine {
  readonly storage: Sketch<Config['storage']>
  /** What blkid finds on the bytes of a new partition, and by what exit code. */
  readonly found?: string
  readonly answer?: (run: Run) => Partial<RunResult> | undefined
  readonly files?: Readonly<
    Record<string, string | { readonly block: Uint8Array } | { readonly link: string }>
  >
}

/** Two blank disks, and what the proof makes of a config for them. */
function machine({ storage, found, answer, files = {} }: Machine) {
  const system = fakeSystem({
    environment: { PATH: '/bin' },
    files: {
      ...Object.fromEntries(programs.map((name) => [`/bin/${name}`, ''])),
      ...disk('vda'),
      ...disk('nvme0n1'),
      ...files,
    },
    programs: (run) => {
      const own = answer?.(run)
      if (own) return own
      if (run.program === 'blkid') return found === undefined ? { exitCode: 2 } : { stdout: found }
      if (run.program === 'cryptsetup') return { exitCode: 1 }
      return {}
    },
  })
  const context = stage({ system, config: { storage } })
  return { system, look: async () => probe(context) }
}

const said = async (options: Machine) => (await machine(options).look()).map(({ message }) => message)

const partition = { number: 1, label: 'my data', startMiB: 1, sizeMiB: 2 }
const made = { device: '/dev/vda', wipeTable: true, partitions: [partition] }
const ext4 = 'TYPE=ext4\nUSAGE=filesystem\nUUID=1\nLABEL=a\\ b\n'

test.each([
  ['/dev/vda1', made],
  ['/dev/vda-part1', made],
  ['/dev/disk/by-partlabel/my\\x20data', made],
  ['/dev/nvme0n1p1', { ...made, device: '/dev/nvme0n1' }],
  ['/dev/disk/by-partuuid/1111', { ...made, partitions: [{ ...partition, guid: '1111' }] }],
])('%s is where the new partition will be, and what is on its bytes counts', async (device, one) => {
  const storage = (rest: object = {}) => ({
    disks: [one],
    filesystems: [{ device, format: 'ext4', ...rest }],
  })
  expect(await said({ storage: storage() })).toEqual([])
  expect(await said({ storage: storage({ label: 'a b' }), found: ext4 })).toEqual([])
  expect(await said({ storage: storage({ label: 'c', wipeFilesystem: true }), found: ext4 })).toEqual([])
  const other = machine({ storage: storage({ label: 'c' }), found: ext4 })
  expect(await failureOf(other.look)).toMatchObject({
    code: 'FL_DEVICE_OCCUPIED',
    message: expect.stringContaining('found ext4, label "a b"'),
  })
  const [probe] = other.system.runs.filter(({ program }) => program === 'blkid')
  expect(probe?.args).toEqual(
    expect.arrayContaining(['--offset', '1048576', '--size', '2097152', one.device]),
  )
  expect(
    await said({
      storage: storage(),
      answer: ({ program }) => (program === 'blkid' ? { exitCode: 8 } : undefined),
    }),
  ).toEqual([
    expect.stringContaining(`what is on "${device.replaceAll('\\', '\\\\')}", for ext4: more than one thing`),
  ])
})

test('a partition table where the new partition will be is in the way too', async () => {
  const filesystems = [{ device: '/dev/vda1', format: 'ext4' }]
  const found = 'PTTYPE=dos\nPTUUID=1\n'
  const look = machine({ storage: { disks: [made], filesystems }, found }).look
  expect(await failureOf(look)).toMatchObject({ code: 'FL_DEVICE_OCCUPIED' })
})

test('nothing is changed by looking', async () => {
  const { system, look } = machine({
    storage: {
      disks: [made],
      raid: [{ name: 'md', level: 'raid1', devices: ['/dev/vda1', '/dev/nvme0n1'] }],
      luks: [{ name: 'vault', device: '/dev/md/md' }],
      filesystems: [{ device: '/dev/mapper/vault', format: 'ext4' }],
    },
  })
  expect(await look()).toEqual([])
  const changing = system.runs.filter(
    ({ program, args }) => program !== 'blkid' && !['--pretend', '-J'].includes(args[0] ?? ''),
  )
  expect(changing).toEqual([])
})

test('a program for what is certainly made has to be there', async () => {
  const { look } = machine({
    storage: {
      raid: [{ name: 'md', level: 'raid1', devices: ['/dev/vda'] }],
      filesystems: [{ device: '/dev/md/md', format: 'xfs' }],
    },
  })
  expect(await failureOf(look)).toMatchObject({
    code: 'FL_PROGRAM_MISSING',
    message: expect.stringContaining('"mkfs.xfs"'),
  })
})

test('an array that is started and a volume that is opened show then what is on them', async () => {
  const examine = 'MD_LEVEL=raid1\nMD_DEVICES=1\nMD_NAME=any:md\nMD_UUID=1\n'
  const storage = (filesystem: object) => ({
    raid: [{ name: 'md', level: 'raid1', devices: ['/dev/vda'] }],
    luks: [{ name: 'vault', device: '/dev/md/md' }],
    filesystems: [{ device: '/dev/mapper/vault', format: 'ext4', ...filesystem }],
  })
  const answer = ({ program }: Run) => (program === 'mdadm' ? { stdout: examine } : undefined)
  expect(await said({ storage: storage({}), answer })).toEqual([
    'what is on "/dev/mapper/vault", for ext4: LUKS volume "vault" is opened first',
  ])
})

test('an array on new partitions is a new one, unless they uncover an old one', async () => {
  const storage = {
    disks: [made],
    raid: [{ name: 'md', level: 'raid1', devices: ['/dev/vda1', '/dev/nvme0n1'] }],
    filesystems: [{ device: '/dev/md/md', format: 'xfs' }],
  }
  expect(await failureOf(machine({ storage }).look)).toMatchObject({ code: 'FL_PROGRAM_MISSING' })
  expect(await said({ storage, found: 'TYPE=linux_raid_member\nUSAGE=raid\n' })).toEqual([
    'what is on "/dev/md/md", for xfs: RAID array "md" may be an old one that is started',
  ])
})

test('a device that nothing brings is waited for, one with a name of its own maker’s is not', async () => {
  const filesystems = (device: string) => ({ disks: [made], filesystems: [{ device, format: 'ext4' }] })
  const alone = (device: string) => ({ filesystems: [{ device, format: 'ext4' }] })
  for (const storage of [
    ...['/dev/vdb', '/dev/vda2', '/dev/disk/by-partlabel/x'].map(filesystems),
    ...['/dev/mapper/x', '/dev/md/x'].map(alone),
  ]) {
    const { system, look } = machine({ storage })
    expect(await failureOf(look)).toMatchObject({ code: 'FL_DEVICE_MISSING' })
    expect(system.slept.reduce((sum, one) => sum + one, 0)).toBeGreaterThanOrEqual(90_000)
  }
  for (const device of [
    '/dev/disk/by-id/x',
    '/dev/disk/by-label/x',
    '/dev/md127',
    '/dev/mapper/x',
    '/dev/md/x',
  ]) {
    expect(await said({ storage: filesystems(device) })).toEqual([
      `what is on "${device}", for ext4: no such device is there yet`,
    ])
  }
})

test('a table that can only be wiped leaves its partitions open', async () => {
  const refusing = ({ program, args }: Run) =>
    program === 'sgdisk' && args[0] === '--pretend' ? { exitCode: 2, stderr: 'Caution: invalid' } : undefined
  const storage = { disks: [made], filesystems: [{ device: '/dev/vda1', format: 'ext4' }] }
  expect(await said({ storage, answer: refusing })).toEqual([
    expect.stringContaining('cannot be read and is wiped first'),
  ])
})

test('two filesystems where one partition will be', async () => {
  const filesystems = [
    { device: '/dev/vda1', format: 'ext4' },
    { device: '/dev/disk/by-partlabel/my\\x20data', format: 'ext4' },
  ]
  const { look } = machine({ storage: { disks: [made], filesystems } })
  expect(await failureOf(look)).toMatchObject({ code: 'FL_CONFIG_INVALID' })
})
