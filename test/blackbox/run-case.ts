import { randomUUID } from 'node:crypto'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Case, Disk } from './case.ts'
import { compareDisk, compareVolumes } from './compare.ts'
import { attachDisk } from './image.ts'
import { place } from './layout.ts'
import { run, start } from './program.ts'
import { runStage, type StageRun } from './stages.ts'
import { putTree } from './tree.ts'

export interface Verdict {
  readonly name: string
  readonly passed: boolean
  readonly seconds: number
  /** Why it did not pass, or how a negative case failed as it should. */
  readonly said: string
}

interface RunOptions {
  /** A folder on a tmpfs, for what the case needs and leaves. */
  readonly workFolder: string
  readonly env: NodeJS.ProcessEnv
}

/** Runs one case from its disks to its verdict and takes all of it down again. */
export async function runCase(recorded: Case, options: RunOptions): Promise<Verdict> {
  const started = performance.now()
  const folder = await mkdtemp(join(options.workFolder, 'ignition-blackbox-'))
  await chmod(folder, 0o755)
  const devices: string[] = []
  let said: string
  let passed = false
  try {
    const one = withRandomUuids(recorded)
    for (const [number, disk] of one.In.entries())
      devices.push(await attachDisk(folder, number, [disk, one.Out[number] ?? disk]))
    await run('udevadm', ['settle', '--timeout=30'])
    const wanted = withDevices(one, devices)
    const runs = await runStages(wanted, { folder, env: options.env, devices })
    const problems = wanted.Kind === 'negative' ? wrongForNegative(runs, wanted.Says) : wrongForPositive(runs)
    if (wanted.Kind === 'positive' && problems.length === 0)
      problems.push(...(await compareDisks(devices, wanted)))
    passed = problems.length === 0
    said = problems.join('; ') || (runs.find(({ outcome }) => outcome === 'failed')?.stage ?? '')
  } catch (error) {
    said = `the runner failed: ${error instanceof Error ? error.message : String(error)}`
  }
  const left = await takeDown(folder, devices)
  if (left !== '' && passed) said = `left behind: ${left}`
  return {
    name: recorded.Name,
    passed: passed && left === '',
    seconds: (performance.now() - started) / 1000,
    said,
  }
}

/** `$uuid0`, `$uuid1` … are one random UUID each, the same everywhere in a case. */
function withRandomUuids(one: Case): Case {
  const uuids = new Map<string, string>()
  const text = JSON.stringify(one).replace(/\$uuid\d+/g, (name) => {
    const uuid = uuids.get(name) ?? randomUUID()
    uuids.set(name, uuid)
    return uuid
  })
  return JSON.parse(text) as Case
}

function withDevices(one: Case, devices: readonly string[]): Case {
  const text = JSON.stringify(one).replace(/\$disk(\d+)/g, (name, number) => devices[Number(number)] ?? name)
  const named = JSON.parse(text) as Case
  const config = (one.MntDevices ?? []).reduce((all, { Label, Substitution }) => {
    const { device } = findPartition(one.In, devices, Label)
    return all.replaceAll(Substitution, device)
  }, named.Config)
  return { ...named, Config: config }
}

function findPartition(disks: readonly Disk[], devices: readonly string[], label: string) {
  for (const [index, disk] of disks.entries())
    for (const { partition, number } of place(disk))
      if (partition.Label === label)
        return { device: `${devices[index]}p${number}`, mountPoint: `hd${index}p${number}`, partition }
  throw new Error(`no disk of the case has a partition ${label}`)
}

async function runStages(
  one: Case,
  { folder, env, devices }: { folder: string; env: NodeJS.ProcessEnv; devices: readonly string[] },
): Promise<StageRun[]> {
  const own = await prepareFolder(one, folder)
  const options = { folder, env: { ...env, ...own }, skipCriticalCheck: one.SkipCriticalCheck ?? false }
  const runs = [await runStage('fetch', '', options)]
  if (runs.at(-1)?.outcome !== 'passed') return runs
  runs.push(await runStage('disks', '', options))
  if (runs.at(-1)?.outcome !== 'passed') return runs
  const { device, mountPoint, partition } = findPartition(one.In, devices, 'ROOT')
  const root = join(folder, mountPoint)
  await mkdir(root)
  await run('mount', ['-t', partition.FilesystemType ?? 'auto', device, root])
  runs.push(await runStage('mount', root, options))
  if (runs.at(-1)?.outcome === 'passed') runs.push(await runStage('files', root, options))
  // as in a boot: what was mounted is unmounted even when writing files failed
  if (runs.at(-1)?.stage === 'files') runs.push(await runStage('umount', root, options))
  await run('umount', [root])
  return runs
}

/** Writes config and system configs, and gives the environment that names them. */
async function prepareFolder(one: Case, folder: string): Promise<NodeJS.ProcessEnv> {
  if (one.Config !== '') await writeFile(join(folder, 'config.ign'), one.Config)
  const systemFolder = join(folder, 'system')
  const folders = [
    ['IGNITION_SYSTEM_CONFIG_DIR', systemFolder, one.SystemDirFiles],
    ['IGNITION_SYSTEM_RUNTIME_CONFIG_DIR', join(folder, 'runtime'), one.SystemRuntimeDirFiles],
    ['IGNITION_SYSTEM_LOCAL_CONFIG_DIR', join(folder, 'local'), one.SystemLocalDirFiles],
  ] as const
  for (const [, path, files] of folders) if (files) await putTree(path, { Files: files })
  const named = (one.Env ?? []).map((entry) => entry.replaceAll('$SYSTEM_CONFIG_DIR', systemFolder))
  return Object.fromEntries([
    ...folders.map(([name, path]) => [name, path]),
    ...named.map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]),
  ])
}

function wrongForPositive(runs: readonly StageRun[]): string[] {
  return runs.filter(({ outcome }) => outcome !== 'passed').map(describe)
}

/** Some stage must fail, and none may crash: a crash is no answer to a wrong config. */
function wrongForNegative(runs: readonly StageRun[], says = ''): string[] {
  const crashes = runs.filter(({ outcome }) => outcome === 'crashed').map(describe)
  const failed = runs.filter(({ outcome }) => outcome === 'failed')
  if (crashes.length > 0 || failed.some(({ output }) => output.includes(says))) return crashes
  if (failed.length > 0) return [`no stage says ${JSON.stringify(says)}`, ...failed.map(describe)]
  return ['every stage passed, though one of them must fail']
}

function describe({ stage, outcome, exitCode, output }: StageRun): string {
  const lines = output.split('\n').filter((line) => line.trim() !== '')
  const critical = lines.filter((line) => line.startsWith('CRITICAL'))
  const said = (critical.length > 0 ? critical : lines.slice(-8)).join(' | ')
  return `stage ${stage} ${outcome} (exit code ${exitCode ?? 'none'}): ${said}`
}

async function compareDisks(devices: readonly string[], { Out, Volumes = [] }: Case): Promise<string[]> {
  const problems = await compareVolumes(Volumes)
  for (const [number, disk] of Out.entries())
    problems.push(
      ...(await compareDisk(devices[number] ?? '', disk)).map((problem) => `disk ${number}: ${problem}`),
    )
  return problems
}

/** Undoes whatever a case left, and says what could not be undone. */
async function takeDown(folder: string, devices: readonly string[]): Promise<string> {
  const mounts = (await readFile('/proc/self/mounts', 'utf8'))
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
  const below = mounts.filter((path) => path.startsWith(`${folder}/`)).reverse()
  const left: string[] = []
  const undo = async (program: string, args: readonly string[]) => {
    const { exitCode, output } = await start(program, args)
    if (exitCode !== 0) left.push(output.trim())
  }
  for (const path of below) await undo('umount', [path])
  const mapped = (await readdir('/dev/mapper')).filter((name) => name !== 'control')
  for (const name of mapped) await undo('dmsetup', ['remove', '--retry', name])
  const arrays = (await readFile('/proc/mdstat', 'utf8').catch(() => '')).match(/^md\w+/gm) ?? []
  for (const name of arrays) await undo('mdadm', ['--stop', `/dev/${name}`])
  for (const device of devices) await undo('losetup', ['--detach', device])
  for (const path of ['/run/ignition', '/run/firstlight']) await rm(path, { recursive: true, force: true })
  await rm(folder, { recursive: true, force: true })
  return left.join('; ')
}
