import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { after, test } from 'node:test'
import type { Secret } from '../../src/secret.ts'
import { disks } from '../../src/sections/disks/index.ts'
import { filesystems } from '../../src/sections/filesystems/index.ts'
import { createLuks } from '../../src/sections/luks/index.ts'
import type { ConfigLuks } from '../../src/sections/luks/plan.ts'
import { luksKeys } from '../../src/sections/luks-keys/index.ts'
import type { Sketch } from '../helpers/config-of.ts'
import { failure } from './failure.ts'
import { loopDisk, sh } from './loop.ts'
import { type ProvisionOptions, provision } from './provision.ts'

const quick = ['--pbkdf', 'pbkdf2', '--pbkdf-force-iterations', '1000']

const apply = (volume: Sketch<ConfigLuks>, options: ProvisionOptions = {}) =>
  provision([createLuks()], { luks: [{ options: quick, ...volume }] }, options)

const keyFile = { source: 'data:,correct%20horse' }

/** Programs that change a volume. */
const changes = ({ commands }: { readonly commands: readonly string[] }) =>
  commands.filter(
    (command) =>
      /^"(wipefs" "-a|cryptsetup" "luks(Format|Open|Close|RemoveKey)|clevis" "luks" "(bind|unlock))/.test(
        command,
      ) && !command.includes('--test-passphrase'),
  )

const keptKey = (url: Secret | undefined) =>
  Buffer.from(url?.reveal().split(',')[1] ?? '', 'base64').toString()

/** As the last stage does: nobody may make the volume anew after that. */
const finish = (device: string, label = '') =>
  sh('cryptsetup', 'config', device, '--label', label, '--subsystem', '')

const leftovers = () => readdirSync('/run').filter((name) => name.startsWith('ignition-luks-'))

// systemd makes this link; the scripts of clevis need it
if (!existsSync('/dev/fd')) symlinkSync('/proc/self/fd', '/dev/fd')

const children: ChildProcess[] = []
after(() => {
  for (const child of children) child.kill()
})

void test('a volume with a key of its own: made, left alone, opened again, refused, wiped', async () => {
  const device = loopDisk()
  const volume = {
    name: 'vault',
    device,
    keyFile,
    label: 'L',
    uuid: '9C653E5B-D14F-4D2B-A3C2-4A8B7C2F0E11',
    discard: true,
    openOptions: ['--perf-no_read_workqueue'],
  }
  const made = await apply(volume)
  assert.equal(keptKey(made.state.luksPersistKeyFiles?.['vault']), 'correct horse')
  assert.equal(JSON.stringify(made.messages).includes('correct'), false)
  assert.match(sh('cryptsetup', 'luksDump', device), /Flags:.*allow-discards no-read-workqueue/)
  assert.equal(sh('cryptsetup', 'luksUUID', device), volume.uuid.toLowerCase())
  const again = await apply(volume)
  assert.deepEqual(changes(again), [])
  assert.equal(keptKey(again.state.luksPersistKeyFiles?.['vault']), 'correct horse')
  // any run has this key: nobody may make the volume anew
  assert.match(sh('cryptsetup', 'luksDump', device), /^Label:\s+L\nSubsystem:\s+\(no subsystem\)$/m)
  assert.match(
    await failure(apply({ ...volume, keyFile: { source: 'data:,wrong' } })),
    /^FL_DEVICE_OCCUPIED: LUKS volume "vault": .*the key does not open it.*set wipeVolume/,
  )
  assert.match(await failure(apply({ ...volume, wipeVolume: true })), /^FL_DEVICE_BUSY: .*held by/)
  assert.match(await failure(apply({ ...volume, device: loopDisk() })), /^FL_DEVICE_BUSY: .*another device/)
  sh('cryptsetup', 'luksClose', 'vault')
  const opened = changes(await apply(volume))
  assert.equal(opened.length, 1)
  assert.match(opened[0] ?? '', /luksOpen/)
  sh('cryptsetup', 'luksClose', 'vault')
  assert.match(await failure(apply({ ...volume, label: 'M' })), /its label is "L", specified "M"/)
  assert.match(
    await failure(apply({ ...volume, discard: false })),
    /passes discards through, specified false/,
  )
  assert.match(await failure(apply({ name: 'vault', device, label: 'L', discard: true })), /no keyFile/)
  await apply({ name: 'vault', device, keyFile, wipeVolume: true })
  assert.notEqual(sh('cryptsetup', 'luksUUID', device), volume.uuid.toLowerCase())
  assert.deepEqual(leftovers(), [])
  sh('cryptsetup', 'luksClose', 'vault')
})

void test('a generated key is kept for the new root, and for a second run', async () => {
  const device = loopDisk()
  const volume = { name: 'generated', device }
  const first = await apply(volume)
  const key = keptKey(first.state.luksPersistKeyFiles?.['generated'])
  assert.match(key, /^[0-9a-f]{8192}$/)
  assert.equal(JSON.stringify(first.messages).includes(key.slice(0, 32)), false)
  assert.match(sh('cryptsetup', 'luksDump', device), /^Subsystem:\s+firstlight-unfinished$/m)
  const second = await apply(volume, { state: first.state })
  assert.deepEqual(changes(second), [])
  assert.deepEqual(second.state, first.state)
  const root = sh('mktemp', '-d')
  await provision([luksKeys], { luks: [volume] }, { state: second.state, root })
  assert.equal(readFileSync(`${root}/etc/luks/generated`, 'utf8'), key)
  assert.match(
    readFileSync(`${root}/etc/crypttab`, 'utf8'),
    /^generated UUID=.* \/etc\/luks\/generated luks,x-initrd.attach\n$/,
  )
  sh('cryptsetup', 'luksClose', 'generated')
  sh('cryptsetup', 'luksOpen', device, 'generated', '--key-file', `${root}/etc/luks/generated`)
  sh('cryptsetup', 'luksClose', 'generated')
})

void test('a volume that is not finished is made anew when its key is lost, and kept when it is not', async () => {
  const device = loopDisk()
  const volume = { name: 'cut', device }
  const first = await apply(volume)
  const uuid = sh('cryptsetup', 'luksUUID', device)
  const again = await apply(volume)
  assert.deepEqual(
    changes(again).map((command) => command.split(' ')[1]),
    ['"luksClose"', '"-a"', '"luksFormat"', '"luksOpen"'],
  )
  assert.notEqual(sh('cryptsetup', 'luksUUID', device), uuid)
  sh('cryptsetup', 'luksClose', 'cut')
  assert.equal(changes(await apply(volume, { state: again.state })).length, 1)
  sh('cryptsetup', 'luksClose', 'cut')
  assert.equal(changes(await apply(volume, { state: first.state })).length, 3)
  sh('cryptsetup', 'luksClose', 'cut')
  finish(device)
  assert.match(await failure(apply(volume)), /^FL_DEVICE_OCCUPIED: .*no earlier run has left a key/)
})

void test('LUKS1 and filesystems are refused', async () => {
  const device = loopDisk()
  const key = `${sh('mktemp', '-d')}/key`
  sh(
    'bash',
    '-c',
    `echo x > ${key}; cryptsetup luksFormat -q --type luks1 ${quick.join(' ')} ${device} ${key}`,
  )
  assert.match(await failure(apply({ name: 'one', device, keyFile })), /it is LUKS1, not LUKS2/)
  sh('mkfs.ext4', '-q', '-F', device)
  sh('wipefs', '-a', '-t', 'crypto_LUKS', device)
  assert.match(
    await failure(apply({ name: 'one', device, keyFile })),
    /not of the correct type \(found ext4\)/,
  )
})

void test('partition, volume, volume in the volume, filesystem, in one go', async () => {
  const device = loopDisk({ sizeMiB: 128 })
  const storage = {
    disks: [{ device, partitions: [{ number: 1, label: 'outer' }] }],
    luks: [
      { name: 'outer', device: '/dev/disk/by-partlabel/outer', keyFile, options: quick },
      { name: 'inner', device: '/dev/mapper/outer', keyFile, options: quick },
    ],
    filesystems: [{ device: '/dev/mapper/inner', format: 'ext4', label: 'deep' }],
  }
  const run = async () => provision([disks, createLuks(), filesystems], storage)
  await run()
  assert.equal(sh('blkid', '-p', '-o', 'value', '-s', 'LABEL', '/dev/mapper/inner'), 'deep')
  assert.deepEqual(changes(await run()), [])
  sh('cryptsetup', 'luksClose', 'inner')
  sh('cryptsetup', 'luksClose', 'outer')
})

/** A tang server on a free loopback port: tangd answers one connection on its standard streams. */
async function startTang(): Promise<{ readonly url: string; readonly advertisement: string }> {
  const keys = mkdtempSync('/run/tang-')
  sh('/usr/libexec/tangd-keygen', keys)
  const server = createServer((socket) => {
    const tangd = spawn('/usr/libexec/tangd', [keys], { stdio: ['pipe', 'pipe', 'ignore'] })
    socket.pipe(tangd.stdin)
    tangd.stdout.pipe(socket)
    tangd.stdin.on('error', () => {})
    socket.on('error', () => {})
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  after(() => server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const answer = await fetch(`${url}/adv`)
  return { url, advertisement: await answer.text() }
}

/** A TPM in software; returns what the TPM tools need in their environment. */
async function startTpm(): Promise<Readonly<Record<string, string>>> {
  const state = mkdtempSync('/run/tpm-')
  const ports = ['--server', 'type=tcp,port=2321', '--ctrl', 'type=tcp,port=2322']
  const args = [
    'socket',
    '--tpm2',
    '--tpmstate',
    `dir=${state}`,
    ...ports,
    '--flags',
    'not-need-init,startup-clear',
  ]
  children.push(spawn('swtpm', args, { stdio: 'ignore' }))
  await new Promise((resolve) => setTimeout(resolve, 1000))
  return { TPM2TOOLS_TCTI: 'swtpm:host=127.0.0.1,port=2321' }
}

void test('clevis: TPM, tang with and without advertisement, threshold, custom pin', async () => {
  const { url, advertisement } = await startTang()
  const tpm = await startTpm()
  const resources = { [`${url}/adv`]: [advertisement] }
  const bound = async (name: string, clevis: NonNullable<Sketch<ConfigLuks>['clevis']>) => {
    const device = loopDisk()
    const options = { environment: tpm, resources }
    const first = await apply({ name, device, clevis }, options)
    assert.deepEqual(first.state.luksPersistKeyFiles, {})
    assert.match(sh('bash', '-c', `clevis luks list -d ${device}`), /^1: (sss '|unknown pin 'null')/)
    assert.deepEqual(changes(await apply({ name, device, clevis }, options)), [])
    const slots = JSON.parse(sh('cryptsetup', 'luksDump', '--dump-json-metadata', device)).keyslots
    assert.equal(Object.keys(slots).length, 1)
    sh('cryptsetup', 'luksClose', name)
    return first
  }
  const unproven = await bound('offline', {
    tang: [{ url: 'http://127.0.0.1:9', advertisement, thumbprint: thumbprintOf(advertisement) }],
  })
  assert.ok(!unproven.commands.some((command) => command.startsWith('"clevis" "luks" "unlock"')))
  const proven = await bound('both', {
    tpm2: true,
    tang: [{ url, thumbprint: thumbprintOf(advertisement) }],
    threshold: 2,
  })
  assert.ok(proven.commands.some((command) => command.startsWith('"clevis" "luks" "unlock"')))
  const custom = await bound('custom', { custom: { pin: 'null', config: '{"a":"secret words"}' } })
  assert.equal(JSON.stringify(custom.messages).includes('secret words'), false)
  const blank = loopDisk()
  const nowhere = { pin: 'tang', config: '{"url":"http://127.0.0.1:9"}' }
  assert.match(
    await failure(apply({ name: 'half', device: blank, clevis: { custom: nowhere } }, { environment: tpm })),
    /^FL_PROGRAM: cannot make LUKS volume "half" on .*"clevis" "luks" "bind"/,
  )
  assert.equal(sh('wipefs', blank), '')
  assert.equal(existsSync('/dev/mapper/half'), false)
  assert.match(
    await failure(
      apply({ name: 'x', device: loopDisk(), clevis: { tang: [{ url: 'http://127.0.0.1:9' }] } }),
    ),
    /fetching tang advertisement for LUKS volume "x"/,
  )
})

/** As `tang-show-keys` gives it: of the key that signs. */
function thumbprintOf(advertisement: string): string {
  const file = `${mkdtempSync('/run/adv-')}/adv`
  const filter = `jose fmt -j ${file} -Og payload -SyOg keys -AUo- | jose jwk use -i- -r -u verify -o- | jose jwk thp -i-`
  return sh('bash', '-c', `cat > ${file} <<'X'\n${advertisement}\nX\n${filter}`)
}
