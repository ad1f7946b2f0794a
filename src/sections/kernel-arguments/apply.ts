import { IgnitionError } from '../../errors.ts'
import type { SectionContext } from '../../section.ts'
import type { KernelArgumentsStep } from './plan.ts'

/** Hands the arguments to the distribution's helper, which edits the boot entry and reboots if it changed anything. */
export async function applyKernelArguments(
  { system }: SectionContext,
  { args }: KernelArgumentsStep,
): Promise<void> {
  try {
    await system.run('ignition-kargs-helper', args)
  } catch (cause) {
    if (!(cause instanceof IgnitionError)) throw cause
    throw new IgnitionError({
      code: cause.code,
      message: `failed updating kernel arguments with the distribution's ignition-kargs-helper: ${cause.message}`,
      cause,
    })
  }
}
