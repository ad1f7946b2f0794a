import type { Section } from '../../section.ts'
import { applyKernelArguments } from './apply.ts'
import { observeKernelArguments } from './observe.ts'
import { type KernelArgumentsStep, planKernelArguments } from './plan.ts'

/** Arguments of the kernel command line, by the distribution's helper program. */
export const kernelArguments: Section<undefined, KernelArgumentsStep> = {
  name: 'kernel-arguments',
  wanted: ({ config, mode }) => mode === 'boot' && planKernelArguments(config).length > 0,
  observe: observeKernelArguments,
  plan: (config) => planKernelArguments(config),
  describe: () => 'updating kernel arguments',
  about: () => ['kernelArguments'],
  apply: applyKernelArguments,
}
