import { readConfigFile } from '../config-file.ts'
import { IgnitionError } from '../errors.ts'
import { mergeSourced, type Sourced } from '../spec/origin.ts'
import type { System } from '../system/system.ts'
import { parseBytes } from './parse-bytes.ts'
import { systemDirectories } from './system-directories.ts'

/**
 * The distribution's own config: the fragments of `base.d`, then those of `base.platform.d/<platform>`, merged in
 * byte order of their file names. Undefined when there are none.
 *
 * A bad fragment in `base.d` throws; as in the reference, one in the platform's directory only sets that whole
 * directory aside.
 */
export async function readBaseConfig(system: System, platform: string): Promise<Sourced | undefined> {
  const base = await readFragments(system, 'base.d')
  try {
    const own = await readFragments(system, `base.platform.d/${platform}`)
    if (base === undefined || own === undefined) return base ?? own
    return mergeSourced(base, own)
  } catch (cause) {
    system.log('info', `ignoring system base configs of platform ${platform}: ${String(cause)}`)
    return base
  }
}

async function readFragments(system: System, directory: string): Promise<Sourced | undefined> {
  let merged: Sourced | undefined
  const fragments = listFragments(system, directory)
  if (fragments.length === 0)
    system.log('debug', `no configs found in "${directory}" across system config directories`)
  for (const path of fragments) {
    // a fragment that vanished, or a dangling link to one, counts as not there
    if (system.files.stat(path) === undefined) {
      system.log('warning', `system config file "${path}" leads nowhere; going on without it`)
      continue
    }
    const fragment = await readFragment(system, path)
    merged = merged === undefined ? fragment : mergeSourced(merged, fragment)
  }
  return merged
}

/** Paths in byte order of their names; a name in a directory of higher priority hides the same name below. */
function listFragments(system: System, directory: string): readonly string[] {
  const byName = new Map<string, string>()
  for (const parent of systemDirectories(system)) {
    const path = `${parent}/${directory}`
    if (system.files.stat(path) === undefined) {
      system.log('debug', `no config dir at "${path}"`)
      continue
    }
    for (const name of system.files.list(path)) if (!byName.has(name)) byName.set(name, `${path}/${name}`)
  }
  return [...byName].sort(([a], [b]) => compareBytes(a, b)).map(([, path]) => path)
}

const encoder = new TextEncoder()

function compareBytes(a: string, b: string): number {
  const left = encoder.encode(a)
  const right = encoder.encode(b)
  const shared = Math.min(left.length, right.length)
  for (let i = 0; i < shared; i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0)
    if (difference !== 0) return difference
  }
  return left.length - right.length
}

async function readFragment(system: System, path: string): Promise<Sourced> {
  system.log('info', `reading system config file "${path}"`)
  const parsed = await parseBytes({
    system,
    bytes: readConfigFile(system.files, path, `the system config file "${path}"`),
    origin: `system config file "${path}"`,
  })
  if (parsed.kind === 'empty')
    throw new IgnitionError({
      code: 'FL_CONFIG_INVALID',
      message: `system config file "${path}" is empty; remove it or write a config into it`,
    })
  return parsed.sourced
}
