import { IgnitionError } from '../errors.ts'
import { isPlatformId } from '../platforms/table.ts'
import type { System } from '../system/system.ts'
import { referenceVersion } from '../version.ts'
import { describeFailure, formatFailure } from './failure.ts'
import { formatGnuUsage, type GnuFlag, parseGnuFlags } from './gnu-flags.ts'
import type { Command } from './io.ts'

const flags = {
  'log-to-stdout': { kind: 'boolean', default: 'false', usage: 'log to standard output instead of syslog' },
  platform: { kind: 'string', default: '', usage: 'current platform' },
  version: { kind: 'boolean', default: 'false', usage: 'print the version and exit' },
} satisfies Record<string, GnuFlag>

const usage = formatGnuUsage('ignition-rmcfg [options]', flags)

/**
 * `ignition-rmcfg`: deletes the config from the platform, where a platform can. Exit codes: 0 done, 1 failed,
 * 2 usage.
 */
export const ignitionRmcfg: Command = async ({ args, stdout, stderr, openSystem }) => {
  const parsed = parseGnuFlags(args, flags)
  if (parsed.kind === 'help') {
    stderr(usage)
    return 0
  }
  if (parsed.kind === 'error' || parsed.positionals.length > 0) {
    stderr(parsed.kind === 'error' ? `${usage}${parsed.message}\n` : usage)
    return 2
  }
  if (parsed.values['version'] === 'true') {
    stdout(`Ignition ${referenceVersion}\n`)
    return 0
  }
  const platform = parsed.values['platform'] ?? ''
  if (!isPlatformId(platform)) {
    stderr(platform === '' ? "'--platform' must be provided\n" : `${platform} is not a valid platform\n`)
    return 2
  }
  const system = openSystem({ logToStdout: parsed.values['log-to-stdout'] === 'true' })
  try {
    await deleteConfig(system, platform)
    system.log('info', `deleted the config from platform ${platform}`)
    return 0
  } catch (failure) {
    system.log('crit', `couldn't delete config: ${describeFailure(failure)}`)
    stderr(formatFailure('ignition-rmcfg', failure))
    return 1
  }
}

/** Platform id → how the config is deleted from it, where that can be done from inside. */
const deleters: Readonly<Record<string, () => Promise<(system: System) => Promise<void>>>> = {
  virtualbox: async () => (await import('../platforms/virtualbox.ts')).deleteFromVirtualBox,
  vmware: async () => (await import('../platforms/vmware.ts')).deleteFromVmware,
}

async function deleteConfig(system: System, platform: string): Promise<void> {
  const load = deleters[platform]
  if (load === undefined)
    throw new IgnitionError({
      code: 'FL_UNSUPPORTED',
      message: `cannot delete config on this platform ("${platform}")`,
    })
  const deleteFrom = await load()
  await deleteFrom(system)
}
