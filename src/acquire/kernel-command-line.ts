import { IgnitionError } from '../errors.ts'
import type { Answer } from '../platforms/source.ts'
import { showUrl } from '../resources/show-url.ts'
import type { Fetch } from '../section.ts'
import { parseUrl } from '../spec/url.ts'
import type { System } from '../system/system.ts'
import { readConfigDevice } from './config-device.ts'

/** What the kernel command line says about the config; the last usable value of each argument. */
export interface ConfigArguments {
  readonly url?: string
  readonly device?: string
  readonly path?: string
}

const KEYS = {
  'ignition.config.url': 'url',
  'ignition.config.device': 'device',
  'ignition.config.path': 'path',
} as const

/** Reads `ignition.config.*` from a kernel command line; quotes have no meaning, empty values are passed over. */
export function parseConfigArguments(commandLine: string, warn: (message: string) => void): ConfigArguments {
  const found: { url?: string; device?: string; path?: string } = {}
  for (const word of commandLine.split(/\s+/u)) {
    const equals = word.indexOf('=')
    const name = word.slice(0, Math.max(equals, 0))
    if (!isKey(name)) continue
    const value = word.slice(equals + 1)
    if (value === '') warn(`kernel argument "${name}" has no value and is ignored`)
    else if (name === 'ignition.config.url' && parseUrl(value) === undefined)
      warn(`kernel argument "${name}" is not a URL and is ignored: ${value}`)
    else found[KEYS[name]] = value
  }
  return found
}

const isKey = (name: string): name is keyof typeof KEYS => Object.hasOwn(KEYS, name)

/** The config that the kernel command line points at. */
export async function readFromCommandLine(system: System, fetch: Fetch): Promise<Answer> {
  const path = system.environment('IGNITION_KERNEL_CMDLINE_PATH') ?? '/proc/cmdline'
  const given = parseConfigArguments(readCommandLine(system, path), (message) => system.log('err', message))
  if (given.url !== undefined) {
    if (given.device !== undefined || given.path !== undefined)
      system.log(
        'warning',
        '"ignition.config.url" takes precedence; the device and path arguments are ignored',
      )
    return found(await fetch.toMemory({ source: given.url }), showUrl(given.url))
  }
  if (given.device === undefined && given.path === undefined) return { kind: 'absent' }
  if (given.device === undefined || given.path === undefined)
    throw new IgnitionError({
      code: 'FL_CONFIG_UNREADABLE',
      message: 'both "ignition.config.device" and "ignition.config.path" must be provided together',
    })
  const bytes = await readConfigDevice(system, { label: given.device, path: given.path })
  return found(bytes, `"${given.path}" on drive "${given.device}"`)
}

const found = (bytes: Uint8Array, place: string): Answer => ({
  kind: 'found',
  bytes,
  source: 'cmdline',
  place: `${place} (kernel command line)`,
})

function readCommandLine(system: System, path: string): string {
  try {
    return system.files.readText(path)
  } catch (cause) {
    throw new IgnitionError({
      code: 'FL_CONFIG_UNREADABLE',
      message: `cannot read the kernel command line from "${path}"`,
      cause,
    })
  }
}
