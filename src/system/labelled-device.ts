import { IgnitionError } from '../errors.ts'
import { waitFor } from './explained-wait.ts'
import type { System } from './system.ts'
import type { WaitOwner } from './waits.ts'

const BY_LABEL = '/dev/disk/by-label'
/** How often to look for a device, as the reference. */
const LOOK_EVERY_SECONDS = 1
const UNMOUNT_TRIES = 3

export interface DeviceWait {
  readonly owner: WaitOwner
  readonly label: string
  readonly seconds: number | undefined
  /** Ends the wait with the signal's reason. */
  readonly signal?: AbortSignal | undefined
}

/** Waits for a filesystem with a label; the path of its device, or undefined when the time is over. */
export async function waitForLabel(system: System, wait: DeviceWait): Promise<string | undefined> {
  const device = `${BY_LABEL}/${wait.label}`
  return waitFor(system, {
    owner: wait.owner,
    what: `a drive with the label "${wait.label}"`,
    look() {
      if (system.files.stat(device) !== undefined) return device
      system.log('debug', `disk ("${device}") not found. Waiting...`)
      return undefined
    },
    everySeconds: LOOK_EVERY_SECONDS,
    seconds: wait.seconds,
    signal: wait.signal,
    found: () => `there is ${presentLabels(system)}`,
  })
}

function presentLabels(system: System): string {
  const labels = system.files.stat(BY_LABEL) === undefined ? [] : system.files.list(BY_LABEL)
  return labels.length === 0 ? 'no drive with a label' : `only ${labels.map((one) => `"${one}"`).join(', ')}`
}

/** Mounts a device, or one with a filesystem of the given type, read-only for as long as `read` takes, which gets the directory. */
export async function whileMounted<T>(
  system: System,
  mounted: string | { readonly device: string; readonly type: string },
  read: (directory: string) => T,
): Promise<T> {
  const { device, type } = typeof mounted === 'string' ? { device: mounted, type: 'auto' } : mounted
  const directory = system.files.makeTemporaryDirectory('ignition-configdrive')
  try {
    await system.run('mount', ['-o', 'ro,nodev,nosuid,noexec', '-t', type, device, directory], {
      description: `mounting "${device}" to read the config`,
    })
    try {
      return read(directory)
    } finally {
      await unmount(system, directory)
    }
  } finally {
    removeMountPoint(system, directory)
  }
}

/** An empty directory that stays behind in the initramfs's memory is no reason to fail a boot. */
function removeMountPoint(system: System, directory: string): void {
  try {
    system.files.removeDirectory(directory)
  } catch (error) {
    system.log('debug', `"${directory}" stays behind: ${String(error)}`)
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
      await system.sleep(1000, 'busy drive')
    }
  }
}
