import { readBaseConfig } from '../acquire/base-config.ts'
import { readCache } from '../acquire/cache.ts'
import { parseGoFlags } from '../commands/go-flags.ts'
import { stageFlags } from '../commands/ignition.ts'
import { planKernelArguments } from '../sections/kernel-arguments/plan.ts'
import { emptyConfig } from '../spec/config.ts'
import { mergeConfigs } from '../spec/merge.ts'
import type { System } from '../system/system.ts'
import type { Job } from './serve.ts'

/**
 * Whether a stage does in this process what it would do in its unit: where the unit has namespaces or rights of its own
 * it does not. One case matters in every boot: the unit of `kargs` has mounts of its own for a helper that few configs ask for.
 */
export async function fits(system: System, { stage, caller, args }: Job): Promise<boolean> {
  const { differences } = caller
  if (differences.length === 0) return true
  if (stage !== 'kargs' || differences.some((name) => name !== 'ns/mnt')) return false
  try {
    return !(await wantsKernelArguments(system, args))
  } catch {
    // the unit finds that out too, and says it
    return false
  }
}

async function wantsKernelArguments(system: System, args: readonly string[]): Promise<boolean> {
  const parsed = parseGoFlags(args, stageFlags)
  if (parsed.kind !== 'parsed') return true
  const { platform = '', 'config-cache': path = '' } = parsed.values
  const base = await readBaseConfig(system, platform)
  const config = mergeConfigs(base?.config ?? emptyConfig, readCache({ system, path, needsSecrets: true }))
  return planKernelArguments(mergeConfigs(emptyConfig, config)).length > 0
}
