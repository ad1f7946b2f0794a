import { IgnitionError } from '../../errors.ts'
import type { SectionContext } from '../../section.ts'
import { beginWait } from '../../system/explained-wait.ts'
import { quote } from '../../system/quote.ts'
import { waits } from '../../system/waits.ts'
import type { UnmountStep } from './plan.ts'

/** What holds a filesystem busy for a moment is gone after these: a scanner, a program that just ended. */
const pausesMilliseconds = [100, 200, 400, 800, 1500, 2000]

/** Unmounts one filesystem; tries again while it is busy, five seconds in all. */
export async function applyUnmount(
  { system, sysroot }: SectionContext,
  { target }: UnmountStep,
): Promise<void> {
  const waiting = beginWait(system, {
    owner: 'busy filesystem',
    what: `${quote(target)} to be free`,
    seconds: waits['busy filesystem'].limit.seconds,
    found: () => 'a program still uses it',
  })
  for (const pause of pausesMilliseconds) {
    try {
      system.unmount(target)
      return sysroot.forget()
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'EBUSY') throw cannotUnmount(target, cause)
    }
    await waiting.pause(pause)
  }
  try {
    system.unmount(target)
  } catch (cause) {
    throw cannotUnmount(target, cause)
  }
  sysroot.forget()
}

function cannotUnmount(target: string, cause: unknown): IgnitionError {
  const isBusy = (cause as NodeJS.ErrnoException).code === 'EBUSY'
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new IgnitionError({
    code: 'FL_MOUNT',
    message: `cannot unmount ${quote(target)}: ${isBusy ? 'a program still uses it: ' : ''}${reason}`,
    cause,
  })
}
