import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { hostPackages } from './packages.ts'

/** One job for both programs. */
export interface BenchRow {
  readonly name: string
  readonly ours: readonly [string, ...string[]]
  readonly reference: readonly [string, ...string[]]
  readonly env: Readonly<Record<string, string>>
  /** Commands to run once before. */
  readonly before: readonly (readonly [string, ...string[]])[]
}

interface BenchWork {
  readonly rows: readonly BenchRow[]
  close(): void
}

interface Places {
  readonly scratch: string
  readonly dist: string
}

/** Bytes of the large config: about as much as a real one with its units and inline files. */
const largeBytes = 200_000
const loremLine = 'a line of a configuration file of ordinary length\n'

/** Configs and roots below `scratch`, and a loopback server of one small file. */
export async function prepareBenchWork(places: Places): Promise<BenchWork> {
  const server = createServer((_request, response) => response.end(loremLine.repeat(80)))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port on loopback')
  return { rows: rows(places, `http://127.0.0.1:${address.port}/small`), close: () => server.close() }
}

function rows(places: Places, url: string): BenchRow[] {
  const small = [file('/etc/hostname', 'data:,first%0A')]
  const inline = `data:;base64,${Buffer.from(loremLine.repeat(20)).toString('base64')}`
  const large = Array.from({ length: Math.ceil(largeBytes / (inline.length + 60)) }, (_, index) =>
    file(`/srv/${index}`, inline),
  )
  return [
    row(places, { name: 'print the version', program: 'ignition', args: ['-version'] }),
    validate(places, 'validate one file', small),
    validate(places, 'validate 200 KB', large),
    stage(places, { name: 'stage fetch, one file', stage: 'fetch', files: small }),
    stage(places, { name: 'stage files, one file', stage: 'files', files: small }),
    stage(places, { name: 'stage files, 200 KB', stage: 'files', files: large }),
    stage(places, { name: 'stage files, one by http', stage: 'files', files: [file('/srv/small', url)] }),
  ]
}

const file = (path: string, source: string) => ({ path, mode: 0o644, overwrite: true, contents: { source } })

interface Job {
  readonly name: string
  readonly program: 'ignition' | 'ignition-validate'
  readonly args: readonly string[]
}

function row({ dist }: Places, { name, program, args }: Job): BenchRow {
  const { PATH = '' } = process.env
  return {
    name,
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

function validate(places: Places, name: string, files: readonly object[]): BenchRow {
  return row(places, { name, program: 'ignition-validate', args: [configIn(folderOf(places, name), files)] })
}

interface StageJob {
  readonly name: string
  readonly stage: 'fetch' | 'files'
  readonly files: readonly object[]
}

/** Each program gets a root and a cache of its own: the cache is written in the newest spec that it knows. */
function stage(places: Places, { name, stage, files }: StageJob): BenchRow {
  const folder = folderOf(places, name)
  const config = configIn(folder, files)
  writeFileSync(join(folder, 'cmdline'), '')
  const command = (program: string, own: string, stageName: string): [string, ...string[]] => {
    const paths = ['root', 'config-cache', 'neednet', 'state-file'].map(
      (flag) => `-${flag}=${join(folder, own, flag)}`,
    )
    return [program, '-platform=file', `-stage=${stageName}`, '-log-to-stdout', ...paths]
  }
  // the reference's stage fails in a root without a policy, and labels what it wrote in one with it
  for (const own of ['ours', 'reference']) {
    const selinux = join(folder, own, 'root/etc/selinux')
    mkdirSync(join(selinux, 'targeted/contexts/files'), { recursive: true })
    writeFileSync(join(selinux, 'targeted/contexts/files/file_contexts'), '')
    writeFileSync(join(selinux, 'config'), 'SELINUXTYPE=targeted\n')
  }
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  writeFileSync(join(bin, 'setfiles'), '#!/bin/sh\n', { mode: 0o755 })
  const ours = join(places.dist, 'ignition')
  const reference = referencePrograms.ignition
  return {
    name,
    ours: command(ours, 'ours', stage),
    reference: command(reference, 'reference', stage),
    before: [command(ours, 'ours', 'fetch'), command(reference, 'reference', 'fetch')],
    env: {
      PATH: `${bin}:${process.env['PATH'] ?? ''}`,
      IGNITION_CONFIG_FILE: config,
      IGNITION_KERNEL_CMDLINE_PATH: join(folder, 'cmdline'),
      IGNITION_SYSTEM_CONFIG_DIR: join(folder, 'none'),
      IGNITION_SYSTEM_LOCAL_CONFIG_DIR: join(folder, 'none'),
      IGNITION_SYSTEM_RUNTIME_CONFIG_DIR: join(folder, 'none'),
    },
  }
}

function folderOf({ scratch }: Places, name: string): string {
  const folder = join(scratch, name.replaceAll(/\W+/g, '-'))
  mkdirSync(folder)
  return folder
}

/** Spec 3.3 is the newest that the reference of Debian 12 knows. */
function configIn(folder: string, files: readonly object[]): string {
  const path = join(folder, 'config.ign')
  writeFileSync(path, JSON.stringify({ ignition: { version: '3.3.0' }, storage: { files } }))
  return path
}
