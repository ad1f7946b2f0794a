import assert from 'node:assert/strict'
import { readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { type TestContext, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { parseBytes } from '../../src/acquire/parse-bytes.ts'
import { createFetcher } from '../../src/resources/fetch.ts'
import { ask, CONFIG, machineOf, USER_DATA, until } from './ask-platform.ts'
import { failure } from './failure.ts'
import { sh } from './loop.ts'
import { ext4, iso, type Make, plugIn, type Tree, udf, vfat } from './media.ts'

const zipped = gzipSync(CONFIG)

const drives: readonly [platform: string, make: Make, label: string, tree: Tree][] = [
  ['proxmoxve', iso, 'cidata', { '/user-data': '#cloud-config\n', '/vendor-data': CONFIG, '/meta-data': '' }],
  ['proxmoxve', vfat, 'cidata', { '/user-data': CONFIG, '/meta-data': '' }],
  ['ibmcloud', iso, 'cidata', { '/user-data': CONFIG, '/meta-data': '', '/vendor-data': '' }],
  ['kubevirt', iso, 'cidata', { '/user-data': CONFIG }],
  ['kubevirt', vfat, 'config-2', { [USER_DATA]: CONFIG }],
  ['nutanix', iso, 'config-2', { [USER_DATA]: CONFIG }],
  ['powervs', iso, 'config-2', { [USER_DATA]: CONFIG, '/openstack/latest/meta_data.json': '{}' }],
  ['openstack', iso, 'config-2', { [USER_DATA]: CONFIG }],
  ['openstack', vfat, 'CONFIG-2', { [USER_DATA]: CONFIG }],
  ['openstack', ext4, 'config-2', { [USER_DATA]: CONFIG }],
  ['brightbox', iso, 'config-2', { [USER_DATA]: CONFIG }],
  ['cloudstack', iso, 'config-2', { '/cloudstack/userdata/user_data.txt': CONFIG }],
  ['cloudstack', vfat, 'CONFIG-2', { '/cloudstack/userdata/user_data.txt': CONFIG }],
]

const types = new Map([
  [iso, 'iso9660'],
  [vfat, 'vfat'],
  [ext4, 'ext4'],
])

for (const [platform, make, label, tree] of drives)
  void test(`${platform}: a drive ${label} with ${types.get(make)}`, async (context) => {
    plugIn(context, make({ label, tree }))
    const machine = machineOf()
    assert.equal((await ask(platform, machine)).text, CONFIG)
    assert.equal(machine.mounts.length, 1)
    assert.match(machine.mounts[0] ?? '', new RegExp(`^${types.get(make)} ro,nosuid,nodev,noexec,`))
  })

void test('user data that is packed comes as it is, and is unpacked', async (context) => {
  plugIn(context, iso({ label: 'config-2', tree: { [USER_DATA]: zipped } }))
  const machine = machineOf()
  const { answer } = await ask('powervs', machine)
  assert.ok(answer.kind === 'found')
  assert.deepEqual(Buffer.from(answer.bytes), zipped)
  const parsed = await parseBytes({ system: machine.system, bytes: answer.bytes, origin: answer.place })
  assert.equal(parsed.kind, 'config')
})

void test('a drive that comes late is waited for', async (context) => {
  const machine = machineOf({}, 20)
  const asked = ask('nutanix', machine)
  const told = 'waiting for a drive with the label'
  try {
    await until(() => machine.messages.some((message) => message.includes(told)))
  } finally {
    plugIn(context, iso({ label: 'config-2', tree: { [USER_DATA]: CONFIG } }))
  }
  assert.equal((await asked).text, CONFIG)
})

void test('the kernel argument names a drive and a file', async (context) => {
  const { readFromCommandLine } = await import('../../src/acquire/kernel-command-line.ts')
  writeFileSync('/run/cmdline', 'ignition.config.device=KEY ignition.config.path=/machine/one.ign')
  plugIn(context, vfat({ label: 'KEY', tree: { '/machine/one.ign': CONFIG } }))
  const machine = machineOf({ IGNITION_KERNEL_CMDLINE_PATH: '/run/cmdline' })
  const answer = await readFromCommandLine(
    machine.system,
    createFetcher({ system: machine.system, offline: true }),
  )
  assert.equal(answer.kind === 'found' && new TextDecoder().decode(answer.bytes), CONFIG)
})

const none = 'no drive with the label "cidata" within 30 s'
const nothing = 'drive "cidata" has no config at /user-data'
const hostile: readonly [what: string, file: () => string, reason: string][] = [
  ['another label', () => iso({ label: 'CIDATA', tree: { '/user-data': CONFIG } }), none],
  ['no filesystem', () => '/usr/bin/true', none],
  ['no files', () => iso({ label: 'cidata', tree: { '/other': '' } }), nothing],
  [
    'a link out of it',
    () => iso({ label: 'cidata', tree: { '/user-data': { link: '/etc/passwd' } } }),
    nothing,
  ],
  [
    'a link up',
    () => ext4({ label: 'cidata', tree: { '/user-data': { link: '../../etc/passwd' } } }),
    nothing,
  ],
]

for (const [what, file, reason] of hostile)
  void test(`a drive with ${what} is no config`, async (context) => {
    plugIn(context, file())
    assert.deepEqual((await ask('ibmcloud', machineOf({}, 60))).answer, { kind: 'empty', reason })
  })

void test('a link to what is on the drive is followed', async (context) => {
  const tree = { '/user-data': { link: '/real/config' }, '/real/config': CONFIG }
  plugIn(context, iso({ label: 'cidata', tree }))
  assert.equal((await ask('ibmcloud', machineOf())).text, CONFIG)
})

void test('a FIFO does not hold the boot', async (context) => {
  plugIn(context, ext4({ label: 'cidata', tree: { '/user-data': { fifo: true } } }))
  assert.match(
    await failure(ask('ibmcloud', machineOf())),
    /^FL_CONFIG_UNREADABLE: "\/user-data" on drive "cidata" is a FIFO, not a file/,
  )
})

/** Image of a file that is larger than what is left of it. */
function truncatedDisc(bytes: number): string {
  const file = iso({ label: 'cidata', tree: { '/user-data': CONFIG + ' '.repeat(1024 * 1024) } })
  truncateSync(file, bytes)
  return file
}

for (const [what, bytes] of [
  ['in the middle of the file', 600 * 1024],
  ['in front of its first directory', 36 * 1024],
] as const)
  void test(`an image cut off ${what} is an error that names the drive`, async (context) => {
    plugIn(context, truncatedDisc(bytes))
    const machine = machineOf()
    // the kernel fills up with zeros what lies in a block of the device that is there in part
    const parsing = ask('ibmcloud', machine).then(async ({ answer }) => {
      assert.ok(answer.kind === 'found')
      return parseBytes({ system: machine.system, bytes: answer.bytes, origin: answer.place })
    })
    assert.match(await failure(parsing), /^FL_(CONFIG_UNREADABLE|CONFIG_INVALID|PROGRAM): .*cidata/)
  })

/** A real CD-ROM drive with the disc in it: the kernel's SCSI test disk is written, then calls itself a drive. */
function insertDisc(context: TestContext, file: string): string {
  sh('modprobe', '-a', 'cdrom', 'sd_mod', 'sr_mod')
  sh('modprobe', 'scsi_debug', 'dev_size_mb=8', 'sector_size=2048', 'delay=0')
  context.after(() => sh('modprobe', '-r', 'scsi_debug'))
  sh('udevadm', 'settle')
  const [disk = ''] = sh(
    'sh',
    '-c',
    'ls /sys/bus/pseudo/drivers/scsi_debug/adapter0/host*/target*/*:*/block',
  ).split('\n')
  sh('dd', `if=${file}`, `of=/dev/${disk}`, 'bs=2048', 'conv=fsync')
  writeFileSync('/sys/bus/pseudo/drivers/scsi_debug/ptype', '5')
  sh('sh', '-c', `echo 1 > /sys/block/${disk}/device/delete`)
  sh('sh', '-c', 'for scan in /sys/class/scsi_host/host*/scan; do echo "- - -" >"$scan"; done')
  sh('udevadm', 'settle')
  return '/dev/sr0'
}

const azureTree = { '/ovf-env.xml': '<Environment/>', '/CustomData.bin': CONFIG }

void test('azurestack: a UDF disc in a drive, and not one on a hard disk', async (context) => {
  const wrong = { ...azureTree, '/CustomData.bin': 'wrong' }
  const hardDisk = plugIn(context, udf({ label: 'provisioning', tree: wrong }))
  const machine = machineOf({}, 5)
  const asked = ask('azurestack', machine)
  try {
    await until(() => machine.messages.some((message) => message.endsWith(`not so: ${hardDisk}`)))
  } finally {
    insertDisc(context, udf({ label: 'provisioning', tree: azureTree }))
  }
  assert.equal((await asked).text, CONFIG)
  assert.equal(readFileSync('/sys/class/block/sr0/device/type', 'utf8').trim(), '5')
  assert.equal(sh('blkid', '-p', '-o', 'value', '-s', 'TYPE', '/dev/sr0'), 'udf')
  assert.match(machine.mounts.join(), /^udf ro,nosuid,nodev,noexec,[^,]*/)
  assert.ok(machine.messages.includes(`"${hardDisk}" is not an optical drive`))
})
