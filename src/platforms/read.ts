import { readConfigFile } from '../config-file.ts'
import { IgnitionError } from '../errors.ts'
import type { Fetcher } from '../resources/settings.ts'
import type { System } from '../system/system.ts'
import { readDrive } from './drive.ts'
import { readFirmwareFile } from './firmware-file.ts'
import { readOverInterfaces } from './interfaces.ts'
import { readMetadata } from './metadata.ts'
import { readFwCfg } from './qemu.ts'
import { type Answer, type Source, usesNetwork } from './source.ts'
import { platforms } from './table.ts'

export interface PlatformOptions {
  readonly system: System
  readonly fetcher: Fetcher
  readonly platform: string
  /** Files that the provider brought in an earlier stage. */
  readonly kept?: readonly unknown[]
}

interface SourceOptions extends PlatformOptions {
  readonly source: Source
  readonly signal?: AbortSignal
}

/** Asks a platform's source for the config; throws `IgnitionError` when it cannot be read. */
export async function readPlatform(options: PlatformOptions): Promise<Answer> {
  const source = platforms[options.platform]
  if (source === undefined)
    throw new IgnitionError({
      code: 'FL_PLATFORM_UNKNOWN',
      message: `"${options.platform}" is not a platform`,
    })
  // before a drive is waited for: the stage with the network waits for both
  if (options.fetcher.offline && usesNetwork(source)) return { kind: 'needs-network' }
  const answer = await readSource({ ...options, source })
  return answer.kind === 'found'
    ? { ...answer, place: `${answer.place} (platform ${options.platform})` }
    : answer
}

async function readSource({ source, ...options }: SourceOptions): Promise<Answer> {
  const { system, platform } = options
  switch (source.kind) {
    case 'none':
      return { kind: 'empty', reason: `platform ${platform} has no config source of its own` }
    case 'file':
      return readFile({ system, platform, path: system.environment(source.variable) ?? source.path })
    case 'firmware-file':
      return readFirmwareFile({ system, platform, source })
    case 'fw-cfg':
      return readFwCfg(system, source.names)
    case 'http':
      return readMetadata({ ...options, source })
    case 'drive':
      return readDrive({ ...options, source })
    case 'disc':
      return (await import('./disc.ts')).readDisc({ ...options, source })
    case 'dhcp-server':
      return (await import('./dhcp-server.ts')).readFromDhcpServer({ ...options, source })
    case 'interfaces':
      return readOverInterfaces({ ...options, source, dropOut: (error) => logDropOut(options, error) })
    case 'race':
      return race({ ...options, sources: source.sources })
    case 'first':
      return first({ ...options, sources: source.sources })
    case 'block-device':
      return (await import('./block-device.ts')).readBlockDevice({ ...options, source })
    case 'vsock':
      return (await import('./vsock.ts')).readOverVsock({ ...options, source })
    case 'hyperv':
      return (await import('./hyperv.ts')).readFromHyperV(options)
    case 'virtualbox':
      return (await import('./virtualbox.ts')).readFromVirtualBox(system, platform)
    case 'vmware':
      return (await import('./vmware.ts')).readFromVmware(system, platform)
    case 'zvm':
      return (await import('./zvm.ts')).readFromZvm(system, platform)
    case 'architectures':
      return readSource({ ...options, source: source.named[system.architecture] ?? source.others })
  }
}

const logDropOut = ({ system, platform }: PlatformOptions, error: unknown): void =>
  system.log('warning', `one config source of platform ${platform} dropped out: ${String(error)}`)

async function first({
  sources: [source, ...others],
  ...options
}: PlatformOptions & { readonly sources: readonly [Source, ...Source[]] }): Promise<Answer> {
  const answer = await readSource({ ...options, source })
  const [next, ...rest] = others
  if (answer.kind !== 'empty' || next === undefined) return answer
  options.system.log('info', `${answer.reason}; asking elsewhere`)
  return first({ ...options, sources: [next, ...rest] })
}

/** Asks all at once. The first answer decides and ends the others; without any, the machine has no config. */
async function race(options: PlatformOptions & { readonly sources: readonly Source[] }): Promise<Answer> {
  const decided = new AbortController()
  const attempts = options.sources.map(async (source) => {
    try {
      return await readSource({ ...options, source, signal: decided.signal })
    } catch (error) {
      if (!decided.signal.aborted) logDropOut(options, error)
      throw error
    }
  })
  try {
    return await Promise.any(attempts)
  } catch {
    return { kind: 'empty', reason: `every config source of platform ${options.platform} dropped out` }
  } finally {
    decided.abort()
    await Promise.allSettled(attempts)
  }
}

function readFile(options: { system: System; platform: string; path: string }): Answer {
  const { system, platform, path } = options
  const bytes = readConfigFile(system.files, path, `the config file "${path}"`)
  return { kind: 'found', bytes, source: platform, place: `the file "${path}"` }
}
