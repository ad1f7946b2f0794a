import { IgnitionError } from '../errors.ts'
import type { System } from '../system/system.ts'

const BY_LABEL = '/dev/disk/by-label'
/** How long a labelled device may take to appear, and how often to look: the reference's numbers. */
const WAIT_SECONDS = 30
const LOOK_EVERY_SECONDS = 1
const UNMOUNT_TRIES = 3

/** Reads a file from the filesystem with a label, mounted read-only for the moment. */
export async function readConfigDevice(
  system: System,
  { label, path }: { readonly label: string; readonly path: string },
): Promise<Uint8Array> {
  if (label.includes('/') || label === '.' || label === '..')
    throw new IgnitionError({
      code: 'FL_CONFIG_UNREADABLE',
      message: `invalid device label "${label}" in ignition.config.device: one path component is needed`,
    })
  const device = `${BY_LABEL}/${label}`
  await waitForDevice(system, { device, label })
  const directory = system.files.makeTemporaryDirectory('ignition-config')
  await system.run('mount', ['-o', 'ro', '-t', 'auto', device, directory], {
    description: `mounting "${device}" to read the config`,
  })
  try {
    return readFile(system, { file: `${directory}${cleanPath(path)}`, path, label })
  } finally {
    await unmount(system, directory)
    system.files.remove(directory)
  }
}

async function waitForDevice(system: System, what: { device: string; label: string }): Promise<void> {
  const deadline = system.monotonic() + WAIT_SECONDS * 1000
  while (system.files.stat(what.device) === undefined) {
    if (system.monotonic() >= deadline)
      throw new IgnitionError({
        code: 'FL_CONFIG_UNREADABLE',
        message: `device "${what.label}" did not appear within timeout: no "${what.device}" after ${WAIT_SECONDS} s`,
      })
    system.log('debug', `disk ("${what.device}") not found. Waiting...`)
    await system.sleep(LOOK_EVERY_SECONDS * 1000)
  }
}

function readFile(system: System, what: { file: string; path: string; label: string }): Uint8Array {
  try {
    return system.files.read(what.file)
  } catch (cause) {
    throw new IgnitionError({
      code: 'FL_CONFIG_UNREADABLE',
      message: `config file "${what.path}" not found on device "${what.label}"`,
      cause,
    })
  }
}

async function unmount(system: System, directory: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      system.unmount(directory)
      return
    } catch (cause) {
      if (attempt === UNMOUNT_TRIES)
        throw new IgnitionError({ code: 'FL_FILE', message: `cannot unmount "${directory}"`, cause })
      await system.sleep(1000)
    }
  }
}

/** An absolute path without `.`, `..` and empty components; it cannot climb above its beginning. */
export function cleanPath(path: string): string {
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  return `/${parts.join('/')}`
}
