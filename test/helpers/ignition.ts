import { spawn } from 'node:child_process'
import { lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { scratchDirectory } from './scratch.ts'

/** The built program under the name that boot units call. */
export const ignition = join(import.meta.dirname, '..', '..', 'dist', 'ignition')

export interface Finished {
  readonly exitCode: number | null
  /** Standard output and standard error as they came. */
  readonly output: string
}

/** Runs a program without blocking this process, which may be serving it. */
export function finish(command: readonly [string, ...string[]], environment: NodeJS.ProcessEnv, cwd: string) {
  return new Promise<Finished>((resolve, reject) => {
    const [program, ...args] = command
    const child = spawn(program, args, { cwd, env: environment, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    const take = (chunk: Buffer) => {
      output += chunk.toString()
    }
    child.stdout.on('data', take)
    child.stderr.on('data', take)
    child.on('error', reject)
    child.on('close', (exitCode) => resolve({ exitCode, output }))
  })
}

/** A scratch machine: a directory for the program's own files and a new root. */
export function scratchMachine(config: string | Buffer) {
  const directory = scratchDirectory()
  const root = join(directory, 'sysroot')
  mkdirSync(root)
  writeFileSync(join(directory, 'config.ign'), config)
  writeFileSync(join(directory, 'cmdline'), 'quiet\n')
  const environment = {
    PATH: process.env['PATH'],
    IGNITION_KERNEL_CMDLINE_PATH: join(directory, 'cmdline'),
    FIRSTLIGHT_RUN_DIR: join(directory, 'run'),
    IGNITION_SYSTEM_CONFIG_DIR: join(directory, 'vendor'),
    IGNITION_SYSTEM_LOCAL_CONFIG_DIR: join(directory, 'local'),
    IGNITION_SYSTEM_RUNTIME_CONFIG_DIR: join(directory, 'runtime'),
  }
  const run = (stage: string, into = root) =>
    finish([ignition, ...stageArguments(directory, stage, into)], environment, directory)
  return { directory, root, environment, run }
}

/** Flags in the order and style in which the reference's own test harness passes them. */
export const stageArguments = (directory: string, stage: string, root: string): string[] => [
  '-platform',
  'file',
  '-stage',
  stage,
  '-root',
  root,
  '-log-to-stdout',
  '-config-cache',
  join(directory, 'ignition.json'),
  '-neednet',
  join(directory, 'neednet'),
  '-state-file',
  join(directory, 'state'),
]

/** Every node below a directory: path, mode, owner, contents. Equal lists are equal trees. Follows no link. */
export function treeOf(root: string, below = ''): string[] {
  return readdirSync(join(root, below), { withFileTypes: true })
    .flatMap((entry) => {
      const path = join(below, entry.name)
      const { mode, uid, gid } = lstatSync(join(root, path))
      const contents = entry.isFile() ? ` ${JSON.stringify(readFileSync(join(root, path), 'latin1'))}` : ''
      const line = `${path} ${mode.toString(8)} ${uid}:${gid}${contents}`
      return entry.isDirectory() ? [line, ...treeOf(root, path)] : [line]
    })
    .sort()
}
