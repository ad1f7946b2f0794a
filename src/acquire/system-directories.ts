import type { System } from '../system/system.ts'

/** The three system config directories, highest priority first: runtime, local, vendor. */
export function systemDirectories(system: System): readonly string[] {
  return [
    system.environment('IGNITION_SYSTEM_RUNTIME_CONFIG_DIR') ?? '/run/ignition',
    system.environment('IGNITION_SYSTEM_LOCAL_CONFIG_DIR') ?? '/etc/ignition',
    system.environment('IGNITION_SYSTEM_CONFIG_DIR') ?? '/usr/lib/ignition',
  ]
}
