import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runStage } from '../../src/engine.ts'
import { serializeConfig } from '../../src/spec/serialize.ts'
import type { StageName } from '../../src/stages.ts'
import { emptyState, type State } from '../../src/state.ts'
import { createSystem } from '../../src/system/real.ts'
import type { System } from '../../src/system/system.ts'
import { configOf } from './config-of.ts'
import { contentsOfEveryKind } from './contents-of-every-kind.ts'

const tree: Readonly<Record<string, string>> = {
  'etc/passwd':
    'root:x:0:0:root:/root:/bin/sh\nold:x:900:900::/home/old:/bin/sh\nkept:x:901:901::/home/kept:/bin/sh\n',
  'etc/shadow': 'root:*:19000::::::\nold:*:19000::::::\nkept:*:19000::::::\n',
  'etc/group': 'root:x:0:\nusers:x:100:\nold:x:900:\nkept:x:901:\n',
  'etc/gshadow': 'root:*::\nusers:*::\nold:!::\nkept:!::\n',
  'etc/login.defs': 'CREATE_HOME yes\nUSERGROUPS_ENAB yes\nUID_MIN 1000\nGID_MIN 1000\n',
  'etc/skel/.profile': 'umask 022\n',
  'etc/hosts': '127.0.0.1 localhost\n',
  'home/old/file': 'x\n',
  'home/kept/file': 'x\n',
}

/** Puts an operating system's files, as far as provisioning looks at them, below a directory. */
export function makeSystemTree(root: string): void {
  for (const [name, text] of Object.entries(tree)) {
    mkdirSync(join(root, name, '..'), { recursive: true })
    writeFileSync(join(root, name), text)
  }
  for (const name of ['dev', 'var/mail', 'root']) mkdirSync(join(root, name), { recursive: true })
  for (const name of ['shadow', 'gshadow']) chmodSync(join(root, 'etc', name), 0o600)
  for (const [name, id] of Object.entries({ old: 900, kept: 901 }))
    chownSync(join(root, 'home', name), id, id)
}

/** A machine in a directory: its new root is on disk, what is in `run` is lost with the power. */
export interface FilesMachine {
  readonly root: string
  readonly run: string
}

export function makeFilesMachine(scratch: string): FilesMachine {
  const machine = { root: join(scratch, 'root'), run: join(scratch, 'run') }
  makeSystemTree(machine.root)
  return machine
}

/** A second machine just like the first is now. */
export function copyMachine({ root }: FilesMachine, scratch: string): FilesMachine {
  const copy = { root: join(scratch, 'root'), run: join(scratch, 'run') }
  execFileSync('cp', ['--archive', root, copy.root])
  return copy
}

export interface FilesBoot {
  readonly machine: FilesMachine
  /** Of the server of what comes from afar. */
  readonly origin: string
  readonly wrap?: (system: System) => System
  readonly log?: (line: string) => void
  /** Default: from `mount` to the last one. */
  readonly stages?: readonly StageName[]
}

/** Stages that change the new root, from a power-on. Throws as they do. */
export async function bootFiles({
  machine,
  origin,
  wrap = (system) => system,
  log,
  stages = ['mount', 'files', 'umount'],
}: FilesBoot): Promise<void> {
  const { root, run } = machine
  rmSync(run, { recursive: true, force: true })
  mkdirSync(join(run, 'tmp'), { recursive: true })
  const cmdline = join(run, 'cmdline')
  writeFileSync(cmdline, 'firstlight.journal=off firstlight.proof=off\n')
  const cachePath = join(run, 'ignition.json')
  writeFileSync(cachePath, serializeConfig(configOf(contentsOfEveryKind(origin))), { mode: 0o600 })
  const system = wrap(
    createSystem({
      log: (level, message) => log?.(`${level} ${message}`),
      environment: {
        PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
        TMPDIR: join(run, 'tmp'),
        FIRSTLIGHT_RUN_DIR: run,
        IGNITION_KERNEL_CMDLINE_PATH: cmdline,
      },
    }),
  )
  let state: State = emptyState
  const keepState = (kept: State) => {
    state = kept
  }
  for (const stage of stages)
    state = await runStage({
      system,
      stage,
      platform: 'metal',
      root,
      cachePath,
      needNetworkPath: join(run, 'neednet'),
      fetchTimeoutSeconds: 10,
      state,
      keepState,
    })
}
