import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { runStage } from '../../../src/engine.ts'
import type { Config } from '../../../src/spec/config.ts'
import { serializeConfig } from '../../../src/spec/serialize.ts'
import type { StageName } from '../../../src/stages.ts'
import { emptyState } from '../../../src/state.ts'
import { flagRemover } from '../../../src/step-journal/open.ts'
import { createSystem } from '../../../src/system/real.ts'
import { type Observer, observed } from '../../helpers/observed-system.ts'
import { sh } from '../loop.ts'
import { nodeOf } from './config.ts'
import { root } from './machine.ts'

export interface BootOptions {
  readonly config: Config
  readonly observer: Omit<Observer, 'lasts'>
  /** Whether there is a boot partition for the journal of steps. */
  readonly journal: boolean
  readonly log: (line: string) => void
}

/** Directory of the machine's own, in memory. */
const cachePath = '/run/ignition.json'

/** All else is in memory. */
const lasts = (path: string) => path.startsWith(root) || path.startsWith('/run/firstlight/journal')

/** One boot from a power-on: all stages that change something, as a machine runs them. Throws as they do. */
export async function boot({ config, observer, journal, log }: BootOptions): Promise<void> {
  mkdirSync('/run/ignition', { recursive: true })
  writeFileSync('/run/cmdline', `firstlight.proof=off ${journal ? '' : 'firstlight.journal=off'}\n`)
  writeFileSync(cachePath, serializeConfig(config), { mode: 0o600 })
  const system = observed(
    createSystem({
      log: (level, message) => log(`${level} ${message}`),
      environment: {
        PATH: '/usr/sbin:/usr/bin',
        TMPDIR: '/run',
        IGNITION_KERNEL_CMDLINE_PATH: '/run/cmdline',
      },
    }),
    { ...observer, lasts },
  )
  mkdirSync(dirname(flagRemover), { recursive: true })
  writeFileSync(flagRemover, '')
  let state = emptyState
  const run = async (stage: StageName) => {
    state = await runStage({
      system,
      stage,
      platform: 'metal',
      root,
      cachePath,
      needNetworkPath: '/run/ignition/neednet',
      fetchTimeoutSeconds: 10,
      state,
      keepState(kept) {
        state = kept
      },
    })
  }
  await run('disks')
  sh('mount', nodeOf('system'), root)
  await run('mount')
  await run('files')
  await run('umount')
  removeFlag(observer)
  sh('umount', root)
}

const flagRemoval = 'remove the first-boot flag'

/** As dracut/31firstlight-first-boot does when everything has passed. */
function removeFlag({ before }: BootOptions['observer']): void {
  const directory = '/run/firstlight/boot'
  mkdirSync(directory, { recursive: true })
  sh('sync')
  sh('mount', nodeOf('boot'), directory)
  for (const name of ['ignition.firstboot', 'firstlight.journal']) {
    if (!existsSync(`${directory}/${name}`)) continue
    if (name === 'ignition.firstboot')
      before({ index: -1, before: flagRemoval, key: flagRemoval, isProgram: false })
    rmSync(`${directory}/${name}`)
    sh('sync', '-f', directory)
  }
  sh('umount', directory)
}
