import { saying } from '../../block/failure.ts'
import type { SectionContext } from '../../section.ts'
import type { KernelArgumentsStep } from './plan.ts'

/** Hands the arguments to the distribution's helper, which edits the boot entry and reboots if it changed anything. */
export async function applyKernelArguments(
  { system }: SectionContext,
  { args }: KernelArgumentsStep,
): Promise<void> {
  await saying("update kernel arguments with the distribution's ignition-kargs-helper", async () =>
    system.run('ignition-kargs-helper', args),
  )
}
