import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stageNames } from '../src/stages.ts'
import { type BenchServer, contentsBytes, startBenchServer } from './bench-server.ts'
import { throughOneProcess } from './bench-warm.ts'
import { hostPackages } from './packages.ts'

/** A program and its arguments. */
export type BenchCommand = readonly [string, ...string[]]

/** One job for both programs. */
export interface BenchRow {
  /** Word that selects it: `npm run bench -- config`. */
  readonly group: string
  readonly name: string
  readonly pairs: number
  readonly ours: BenchCommand
  readonly reference: BenchCommand
  readonly env: Readonly<Record<string, string>>
  /** Commands to run once before. */
  readonly before: readonly BenchCommand[]
  /** To run before each of either program's, outside the time measured. */
  readonly beforeEach?: BenchCommand
  /** To run each time before ours, outside the time measured. */
  readonly beforeOurs?: BenchCommand
  /** The command whose memory counts. Default: ours. */
  readonly oursForPeak?: BenchCommand
}

export interface BenchWork {
  readonly rows: readonly BenchRow[]
  close(): void
}

interface Places {
  readonly scratch: string
  readonly dist: string
}

const loremLine = 'a line of a configuration file of ordinary length\n'

/** Configs and roots below `scratch`, and a loopback server of what they fetch. */
export async function prepareBenchWork(places: Places): Promise<BenchWork> {
  const server = await startBenchServer(loremLine.repeat(80))
  return { rows: rows(places, server), close: () => server.close() }
}

function rows(places: Places, { origin, sha512 }: BenchServer): BenchRow[] {
  const small = { files: [file('/etc/hostname', 'data:,first%0A')] }
  // 3,000 files of 250 bytes: 1 MB of config
  const inline = `data:;base64,${Buffer.from(loremLine.repeat(4)).toString('base64')}`
  const many = { files: times(3000, (index) => file(`/srv/${index % 50}/${index}`, inline)) }
  const distant = { files: times(200, (index) => file(`/srv/${index}`, `${origin}/slow/${index}`)) }
  const huge = (path: string, compression?: string) => ({
    files: [
      {
        path: '/huge',
        overwrite: true,
        contents: { source: `${origin}/${path}`, compression, verification: { hash: `sha512-${sha512}` } },
      },
    ],
  })
  return [
    start(places, { group: 'start', name: 'print the version', program: 'ignition', args: ['-version'] }),
    validate(places, 'validate one file', small),
    validate(places, 'validate 3,000 files, 1 MB', many),
    stage(places, { group: 'config', name: 'parse, check, merge 1 MB', stages: ['fetch'], storage: many }),
    stage(places, { group: 'files', name: 'files: one', stages: ['files'], storage: small }),
    stage(places, {
      group: 'files',
      name: 'files: 3,000 inline, 5 units, 3 users',
      stages: ['files'],
      storage: many,
      others: { systemd: { units: times(5, unit) }, passwd: { users: times(users, user) } },
    }),
    stage(places, {
      group: 'fetch',
      name: 'files: 200 remote at 50 ms',
      stages: ['files'],
      storage: distant,
      pairs: 3,
    }),
    stage(places, {
      group: 'large',
      name: `one remote file of ${contentsBytes / 2 ** 20} MiB`,
      stages: ['files'],
      storage: huge('plain'),
      pairs: 5,
      fresh: 'huge',
    }),
    stage(places, {
      group: 'large',
      name: 'the same, gzip',
      stages: ['files'],
      storage: huge('gzip', 'gzip'),
      pairs: 5,
      fresh: 'huge',
    }),
    ...allStages(places, small),
  ]
}

const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index))

const file = (path: string, source: string) => ({ path, mode: 0o644, overwrite: true, contents: { source } })

const unit = (index: number) => ({
  name: `bench-${index}.service`,
  enabled: true,
  contents: '[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\n',
})

const users = 3

/** An account of the roots that has another comment: both programs start usermod for it. */
const user = (index: number) => ({ name: `bench${index}`, gecos: 'changed' })

interface Job {
  readonly group: string
  readonly name: string
  readonly program: 'ignition' | 'ignition-validate'
  readonly args: readonly string[]
}

function start({ dist }: Places, { group, name, program, args }: Job): BenchRow {
  const { PATH = '' } = process.env
  return {
    group,
    name,
    pairs: 25,
    ours: [join(dist, program), ...args],
    reference: [referencePrograms[program], ...args],
    env: { PATH },
    before: [],
  }
}

const referencePrograms = {
  ignition: hostPackages['reference ignition'].path,
  'ignition-validate': '/usr/bin/ignition-validate',
}

function validate(places: Places, name: string, storage: object): BenchRow {
  const args = [configIn(folderOf(places, name), { storage })]
  return start(places, { group: 'config', name, program: 'ignition-validate', args })
}

interface StageJob {
  readonly group: string
  readonly name: string
  readonly stages: readonly string[]
  readonly storage: object
  readonly others?: object
  readonly pairs?: number
  /** A file that is not there when a program begins, as on a first boot. */
  readonly fresh?: string
  /** One process for all stages: there already, or with its start. Default: each stage is a process. */
  readonly warm?: 'ready' | 'start counts'
}

/** The stages of a boot, three ways. */
function allStages(places: Places, storage: object): BenchRow[] {
  const name = 'all seven stages, one file'
  const job = { group: 'stages', stages: stageNames, storage }
  return [
    stage(places, { ...job, name, warm: 'ready' }),
    stage(places, { ...job, name: `${name}, with a start of Node`, warm: 'start counts' }),
    stage(places, { ...job, name: `${name}, each by itself` }),
  ]
}

/** Each program gets a root and a cache of its own: the cache is written in the newest spec that it knows. */
function stage(
  places: Places,
  { group, name, stages, storage, others = {}, pairs = 15, warm, fresh }: StageJob,
): BenchRow {
  const folder = folderOf(places, name)
  const config = configIn(folder, { storage, ...others })
  writeFileSync(join(folder, 'cmdline'), '')
  makeRoots(folder)
  const oursBy = (program: string, names: readonly string[]) => inOrder(program, join(folder, 'ours'), names)
  const ours = (names: readonly string[]) => oursBy(join(places.dist, 'ignition'), names)
  const reference = (names: readonly string[]) =>
    inOrder(referencePrograms.ignition, join(folder, 'reference'), names)
  const row: BenchRow = {
    group,
    name,
    pairs,
    ours: ours(stages),
    reference: reference(stages),
    before: [ours(['fetch']), reference(['fetch'])],
    ...(fresh === undefined ? {} : { beforeEach: withoutFile(folder, fresh) }),
    env: {
      PATH: `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}`,
      IGNITION_CONFIG_FILE: config,
      IGNITION_KERNEL_CMDLINE_PATH: join(folder, 'cmdline'),
      FIRSTLIGHT_RUN_DIR: join(folder, 'run'),
      IGNITION_SYSTEM_CONFIG_DIR: join(folder, 'none'),
      IGNITION_SYSTEM_LOCAL_CONFIG_DIR: join(folder, 'none'),
      IGNITION_SYSTEM_RUNTIME_CONFIG_DIR: join(folder, 'none'),
    },
  }
  if (warm === undefined) return row
  const options = { dist: places.dist, folder, startCounts: warm === 'start counts' }
  return throughOneProcess(row, (program) => oursBy(program, stages), options)
}

const withoutFile = (folder: string, name: string): BenchCommand => [
  'rm',
  '-f',
  join(folder, 'ours/root', name),
  join(folder, 'reference/root', name),
]

/** Stages one after the other; a shell only when there are several. */
function inOrder(program: string, folder: string, stages: readonly string[]): BenchCommand {
  const paths = ['root', 'config-cache', 'neednet', 'state-file'].map(
    (flag) => `-${flag}=${join(folder, flag)}`,
  )
  const flags = ['-platform=file', '-log-to-stdout', ...paths]
  const [first = '', ...more] = stages
  if (more.length === 0) return [program, ...flags, `-stage=${first}`]
  // what a boot before has proven is not proven again
  const loop = `rm -rf "$FIRSTLIGHT_RUN_DIR"; for stage in ${stages.join(' ')}; do "$@" -stage=$stage || exit 1; done`
  return ['sh', '-c', loop, 'sh', program, ...flags]
}

/** The reference's stage fails in a root without a policy; account tools and labels cost both sides the same. */
function makeRoots(folder: string): void {
  for (const own of ['ours', 'reference']) {
    const selinux = join(folder, own, 'root/etc/selinux')
    mkdirSync(join(selinux, 'targeted/contexts/files'), { recursive: true })
    writeFileSync(join(selinux, 'targeted/contexts/files/file_contexts'), '')
    writeFileSync(join(selinux, 'config'), 'SELINUXTYPE=targeted\n')
    mkdirSync(join(folder, own, 'root/home'))
    const accounts = times(
      users,
      (index) => `bench${index}:x:${2000 + index}:${2000 + index}::/home:/bin/sh\n`,
    )
    writeFileSync(join(folder, own, 'root/etc/passwd'), accounts.join(''))
  }
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  for (const tool of ['setfiles', 'useradd', 'usermod', 'groupadd'])
    writeFileSync(join(bin, tool), '#!/bin/sh\n', { mode: 0o755 })
}

function folderOf({ scratch }: Places, name: string): string {
  const folder = join(scratch, name.replaceAll(/\W+/g, '-'))
  mkdirSync(folder)
  return folder
}

/** Spec 3.3 is the newest that the reference of Debian 12 knows. */
function configIn(folder: string, parts: object): string {
  const path = join(folder, 'config.ign')
  writeFileSync(path, JSON.stringify({ ignition: { version: '3.3.0' }, ...parts }))
  return path
}
