// `npm start [CONFIG]`: builds everything, says what a config would do to a machine that has never been booted, boots the
// machine with it, and shows what Firstlight made of it.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { formatBlame } from '../src/trace/blame.ts'
import { readTrace } from '../src/trace/read.ts'
import { acceleration } from '../test/boot/machine/acceleration.ts'
import { type Boot, boot, type ConsoleLine } from '../test/boot/machine/boot.ts'
import { copyDisk, executableUnderTest, type Machine, prepareMachine } from '../test/boot/machine/machine.ts'
import { checkout } from './cache.ts'
import { type DiskImage, describeMachine, writeUsedDisk } from './described-disks.ts'
import { eventOf, stageSeconds } from './progress.ts'

const kernelArguments = ['ignition.platform.id=qemu']

const example = 'fixtures/boot/start/config.ign'

async function start(configPath = join(checkout, example)): Promise<void> {
  const config = readFileSync(configPath, 'utf8')
  buildExecutable()
  const machine = await prepareMachine(say)
  const emulated = (await acceleration(machine.kernel)) === 'kvm' ? '' : ' (emulated: KVM does not work here)'
  say(`config: ${configPath}`)
  const result = await bootOnce(machine, config, () => {
    say(`switching on a machine that has never been booted${emulated}`)
  })
  if (result.report.reason === 'real-root') showProvisioned(config, result)
  else showFailure(result)
}

function buildExecutable(): void {
  if (process.env['FIRSTLIGHT_TEST_EXECUTABLE'] !== undefined) return
  const { status } = spawnSync(process.execPath, [join(checkout, 'build/bundle.ts')], { stdio: 'inherit' })
  if (status !== 0) fail('the executable could not be built; see above')
}

async function bootOnce(machine: Machine, config: string, ready: () => void): Promise<Boot> {
  const folder = mkdtempSync(join(tmpdir(), 'firstlight-start-'))
  try {
    const disk = join(folder, 'disk.qcow2')
    await copyDisk(machine, disk)
    const used = join(folder, 'second.raw')
    writeUsedDisk(used)
    const secondDisk = join(folder, 'second.qcow2')
    await copyDisk({ ...machine, disk: used }, secondDisk)
    showPlan(folder, config, [
      { path: '/dev/vda', serial: 'disk', image: machine.disk },
      { path: '/dev/vdb', serial: 'second', image: used },
    ])
    ready()
    return await boot({
      machine,
      disk,
      secondDisk,
      arguments: kernelArguments,
      firmware: { 'opt/com.coreos/config': config },
      paths: pathsOf(config),
      onLine: watcher(),
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** What `firstlight plan` says. A config that it refuses is the machine's to refuse. */
function showPlan(folder: string, config: string, disks: readonly DiskImage[]): void {
  const [machineFile, configFile] = [join(folder, 'machine.json'), join(folder, 'config.ign')]
  writeFileSync(machineFile, JSON.stringify(describeMachine(disks, kernelArguments)))
  writeFileSync(configFile, config)
  say('firstlight plan says:')
  spawnSync(executableUnderTest(), ['plan', '--machine', machineFile, configFile], { stdio: 'inherit' })
}

interface Named {
  readonly path: string
  readonly name: string
}

/** Lists of the config by `section.key`; empty when it is not JSON, for the machine is to say what is wrong with it. */
function listsOf(config: string): (section: string, key: string) => readonly Named[] {
  try {
    const sections = JSON.parse(config) as Record<string, Record<string, readonly Named[]> | undefined>
    return (section, key) => sections[section]?.[key] ?? []
  } catch {
    return () => []
  }
}

function pathsOf(config: string): string[] {
  const list = listsOf(config)
  return ['directories', 'files', 'links'].flatMap((key) => list('storage', key).map(({ path }) => path))
}

/** Prints what the machine does as it does it. */
function watcher(): (line: ConsoleLine) => void {
  let up = false
  return ({ seconds, text }) => {
    const tell = (event: string) => console.log(`${seconds.toFixed(1).padStart(6)} s  ${event}`)
    if (!up) tell('kernel and initramfs are up')
    up = true
    const event = eventOf(text)
    if (event !== undefined) tell(event)
    // What units of the real root say themselves: the console's copy of the journal.
    const said =
      /^\[\s*[\d.]+\] (?!systemd|ignition|firstlight|sysrq|reboot|kernel)\w[\w-]*\[\d+\]: (.*)/.exec(text)
    if (said !== null) tell(`the machine says: ${said[1]}`)
  }
}

function showProvisioned(config: string, { report, seconds }: Boot): void {
  console.log('\nProvisioned')
  for (const [path, found] of report.paths) {
    const what =
      found === undefined ? 'is missing' : `${found.type}, ${found.mode}, ${found.user}:${found.group}`
    const target = found?.type === 'symbolic link' ? ` -> ${found.content}` : ''
    console.log(`  ${path.padEnd(28)} ${what}${target}`)
  }
  for (const line of report.passwd) {
    const [name = '', , uid, gid, , home, shell] = line.split(':')
    if (Number(uid) >= 1000 && name !== 'nobody')
      console.log(`  ${`user ${name}`.padEnd(28)} ${uid}:${gid}, ${home}, ${shell}`)
  }
  for (const { name } of listsOf(config)('systemd', 'units')) {
    console.log(`  ${name.padEnd(28)} ${unitState(name, report.unitLinks)}`)
  }
  showTimes(report)
  console.log(`\nSwitched on to switched off: ${seconds.toFixed(1)} s`)
}

/** What `firstlight blame` says on the machine; without a trace (another executable) what the service manager saw. */
function showTimes({ trace, units }: Boot['report']): void {
  if (trace !== undefined) {
    console.log(`\nWhat took longest (firstlight blame)\n${formatBlame(readTrace(trace), 10)}`)
    return
  }
  console.log('\nStages')
  for (const { stage, seconds } of stageSeconds(units))
    console.log(`  ${stage.padEnd(28)} ${seconds.toFixed(2)} s`)
}

function unitState(name: string, links: ReadonlyMap<string, string>): string {
  if (links.get(`/etc/systemd/system/${name}`) === '/dev/null') return 'masked'
  return ['wants', 'requires'].some((kind) =>
    [...links.keys()].some((link) => link.endsWith(`.${kind}/${name}`)),
  )
    ? 'enabled'
    : 'not enabled'
}

/** The panel that Firstlight leaves on the console. */
function showFailure({ console: lines }: Boot): void {
  const begin = lines.findIndex(({ text }) => text.includes('The first boot has stopped'))
  console.log(
    `\n${lines
      .slice(Math.max(begin, 0))
      .map(({ text }) => text)
      .join('\n')}`,
  )
  process.exitCode = 1
}

function say(message: string): void {
  console.log(`firstlight: ${message}`)
}

function fail(message: string): never {
  console.error(`firstlight: ${message}`)
  process.exit(1)
}

await start(process.argv[2]).catch((error: unknown) =>
  fail(error instanceof Error ? error.message : String(error)),
)
