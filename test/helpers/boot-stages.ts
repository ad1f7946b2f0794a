import { type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import { scratchDirectory } from './scratch.ts'

const root = resolve(import.meta.dirname, '../..')
const dist = join(root, 'dist')
const stub = join(root, 'dracut/30firstlight/firstlight-stage')

/** A stage that takes longer hangs. */
const stageMilliseconds = 15_000

/** A machine's boot in a scratch folder: the script of the stages' units, and the process that they hand over to. */
export function bootIn(storage: object, folder = scratchDirectory()) {
  const inFolder = (name: string) => join(folder, name)
  mkdirSync(inFolder('root/etc'), { recursive: true })
  writeFileSync(inFolder('config.ign'), JSON.stringify({ ignition: { version: '3.3.0' }, storage }))
  writeFileSync(inFolder('cmdline'), 'quiet\n')
  const paths = ['root', 'config-cache', 'neednet', 'state-file'].map((flag) => `--${flag}=${inFolder(flag)}`)
  const flags = ['--platform=file', ...paths, '--log-to-stdout']
  const env = {
    // the script of the units must find nothing but the shell's own commands
    PATH: '/nonexistent',
    FIRSTLIGHT_PROGRAM: join(dist, 'ignition'),
    FIRSTLIGHT_MAILBOX: inFolder('mailbox'),
    FIRSTLIGHT_RUN_DIR: inFolder('run'),
    IGNITION_CONFIG_FILE: inFolder('config.ign'),
    IGNITION_KERNEL_CMDLINE_PATH: inFolder('cmdline'),
    ...Object.fromEntries(
      ['SYSTEM', 'SYSTEM_LOCAL', 'SYSTEM_RUNTIME'].map((kind) => [
        `IGNITION_${kind}_CONFIG_DIR`,
        inFolder('none'),
      ]),
    ),
  }
  return {
    folder,
    mailbox: inFolder('mailbox'),
    command: (stage: string, shell = '/bin/sh') => [shell, stub, ...flags, `--stage=${stage}`] as const,
    env,
    /** A stage as its unit runs it. */
    run: (stage: string, shell = '/bin/sh'): SpawnSyncReturns<string> => {
      const options = { env, cwd: '/', encoding: 'utf8', timeout: stageMilliseconds } as const
      return spawnSync(shell, [stub, ...flags, `--stage=${stage}`], options)
    },
    /** The same, under way. */
    begin: (stage: string) => begin('/bin/sh', [stub, ...flags, `--stage=${stage}`], env),
    /** The process for all stages, listening. */
    async warm() {
      const args = ['warm', `--directory=${inFolder('mailbox')}`]
      const process = begin(join(dist, 'firstlight'), args, env)
      while (!existsSync(inFolder('mailbox'))) await pause(2)
      return process
    },
  }
}

/** A process that is gone when the test is over. */
function begin(file: string, args: readonly string[], env: Readonly<Record<string, string>>) {
  const child = spawn(file, args, { env, cwd: '/', stdio: ['ignore', 'pipe', 'pipe'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const said = { stdout: '', stderr: '' }
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].on('data', (chunk) => {
      said[stream] += String(chunk)
    })
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal, ...said }))
  return { child, said, ended }
}
