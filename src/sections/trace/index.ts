import type { Section, SectionContext } from '../../section.ts'
import { quote } from '../../system/quote.ts'

/** Where the boot trace is kept in the new root. */
export const keptTracePath = '/var/log/firstlight/trace.json'

interface TraceCopy {
  /** Absolute on the machine. */
  readonly target: string
  readonly text: string
}

/** Keeps the boot trace in the new root. It is no part of what the config asks for: a failure is only a warning. */
export const trace: Section<TraceCopy | undefined, TraceCopy> = {
  name: 'trace',
  wanted: ({ mode }) => mode === 'boot',
  observe({ system, sysroot }) {
    const text = system.traceText()
    return text === undefined ? undefined : { target: sysroot.resolve(keptTracePath), text }
  },
  plan: (_config, copy) => (copy === undefined ? [] : [copy]),
  describe: ({ target }) => `writing file ${quote(target)}`,
  apply(context, { target, text }) {
    orWarn(context, () => {
      const topmost = context.sysroot.makeParents(target)
      context.system.files.write(target, text, { mode: 0o600, uid: 0, gid: 0 })
      context.written.add(topmost ?? target)
    })
  },
}

/** Adds what the stage has done since, in place: by then the copy has its label. */
export function completeTrace(context: SectionContext): void {
  const { system, sysroot } = context
  orWarn(context, () => {
    const text = system.traceText()
    const target = sysroot.resolve(keptTracePath)
    const kept = system.files.lstat(target)
    if (text === undefined || kept?.type !== 'file') return
    system.files.append(target, Buffer.from(text).subarray(kept.size))
  })
}

function orWarn({ system }: SectionContext, work: () => void): void {
  try {
    work()
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    system.log('warning', `the boot trace is not kept in the new root: ${reason}`)
  }
}
