import type { Config } from '../../spec/config.ts'

export interface KernelArgumentsStep {
  /** For the helper program of the distribution. */
  readonly args: readonly string[]
}

/** One call with all arguments, those to add first. Whether anything has to change is the helper's to find out. */
export function planKernelArguments({ kernelArguments }: Config): readonly KernelArgumentsStep[] {
  const { shouldExist, shouldNotExist } = kernelArguments
  const args = [
    ...shouldExist.flatMap((argument) => ['--should-exist', argument]),
    ...shouldNotExist.flatMap((argument) => ['--should-not-exist', argument]),
  ]
  return args.length === 0 ? [] : [{ args }]
}
