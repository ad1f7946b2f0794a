import { formatFailure } from '../commands/failure.ts'
import { parseGnuFlags } from '../commands/gnu-flags.ts'
import { ignition } from '../commands/ignition.ts'
import type { Command, CommandInput } from '../commands/io.ts'
import { loadSections } from '../sections/table.ts'
import { stageNames, stages } from '../stages.ts'
import { findCaller } from '../system/caller.ts'
import { heardBy, openLog } from '../system/log.ts'
import { openMailbox } from '../system/mailbox.ts'
import { preloadDoor } from '../system/preload.ts'
import { createSystem } from '../system/real.ts'
import { openServiceManager } from '../system/service-manager.ts'
import { fits } from './fits.ts'
import { type Job, serve } from './serve.ts'

const flags = {
  directory: { kind: 'string', default: '/run/firstlight/warm', usage: 'where its FIFOs are' },
} as const

/**
 * `firstlight warm`: one process for all stages of a boot. Units hand their stages to it, so that only one start of
 * Node counts, and that one while devices are waited for. Exit codes: 0 done, 1 an error of its own, 2 usage.
 */
export const warm: Command = async (input) => {
  const parsed = parseGnuFlags(input.args, flags)
  if (parsed.kind !== 'parsed' || parsed.positionals.length > 0) {
    input.stderr('firstlight warm: it takes --directory DIR, for its FIFOs, and nothing else\n')
    return 2
  }
  const directory = parsed.values['directory'] ?? flags.directory.default
  const manager = openServiceManager()
  const { code, done } = await serve({
    stages: stageNames,
    findCaller,
    openMailbox: (options) => openMailbox({ ...options, directory }),
    fits: (job) => fits(createSystem({ log: () => undefined, environment: job.caller.environment }), job),
    run: (job) => runStage(job, input),
    onBusy: (busy) => manager.busy(busy),
    catchAll(take) {
      process.on('uncaughtException', take)
      process.on('unhandledRejection', take)
    },
    describe: formatFailure,
    ahead: [async () => manager.ready(), ...preloads()],
  })
  openLog({ toStdout: false })('info', `one process has run the stages ${done.join(', ')}`)
  return code
}

/** What a stage would load when it needs it, in the order of a boot. */
const preloads = (): readonly (() => Promise<unknown>)[] => [
  ...Object.values(stages).flatMap(({ sections }) => sections.map((one) => () => loadSections([one]))),
  () => import('../proof/prove.ts'),
  () => import('../step-journal/open.ts'),
  () => import('../outcome/send.ts'),
  preloadDoor,
]

/** The same command as in a process of its own, with outputs, variables and sender those of the unit. */
async function runStage({ caller, args, output }: Job, { readInput }: CommandInput): Promise<number> {
  const { pid: sender, environment } = caller
  const ends: (() => void)[] = []
  const life = { pid: sender, begun: performance.now(), atEnd: (work: () => void) => void ends.push(work) }
  const stdout = (text: string) => output('out', text)
  const stderr = (text: string) => output('err', text)
  try {
    return await ignition({
      args,
      stdout,
      stderr,
      color: false,
      readInput,
      openSystem: ({ logToStdout: toStdout, trace, listen }) => {
        const log = openLog({ toStdout, write: stdout, toConsole: stderr, sender })
        return createSystem({ log: heardBy(log, listen), environment, trace, life })
      },
    })
  } catch (error) {
    stderr(formatFailure('firstlight', error))
    return 1
  } finally {
    for (const end of ends) end()
  }
}
