import { basename, dirname } from 'node:path/posix'
import { IgnitionError } from '../errors.ts'
import { createPathResolver } from '../system/path-resolver.ts'
import { quote } from '../system/quote.ts'
import type { Files, System } from '../system/system.ts'
import { readBlockDevice } from './sysfs.ts'

/** As long as systemd waits for a device: DefaultDeviceTimeoutSec in systemd-system.conf(5). */
const timeoutSeconds = 90

const pollMilliseconds = 100

/** How often a wait explains itself. */
const remindMilliseconds = 10_000

/** Configured path of a device → the kernel's node: `/dev/sda`. */
export type Nodes = ReadonlyMap<string, string>

/**
 * Waits until every device is there and udev knows it. Throws `FL_DEVICE_MISSING` after 90 seconds,
 * for all devices together, with the names that are there instead.
 */
export async function waitForDevices(system: System, devices: readonly string[]): Promise<Nodes> {
  const wanted = [...new Set(devices)]
  if (wanted.length === 0) return new Map()
  return system.operation(`waiting for devices [${wanted.join(' ')}]`, async (inner) => {
    const deadline = inner.monotonic() + timeoutSeconds * 1000
    await poll(inner, wanted, deadline)
    await awaitUdev(inner, wanted)
    return new Map(wanted.map((device) => [device, nodeOf(inner.files, device)]))
  })
}

async function poll(system: System, wanted: readonly string[], deadline: number): Promise<void> {
  let missing = absent(system.files, wanted)
  for (let reminder = system.monotonic() + remindMilliseconds; missing.length > 0; ) {
    const now = system.monotonic()
    if (now >= deadline) throw timedOut(system.files, missing)
    if (now >= reminder) {
      const left = Math.ceil((deadline - now) / 1000)
      system.log('info', `still waiting for [${missing.join(' ')}], ${left} more seconds at most`)
      reminder += remindMilliseconds
    }
    await system.sleep(pollMilliseconds)
    missing = absent(system.files, missing)
  }
}

function absent(files: Files, devices: readonly string[]): readonly string[] {
  return devices.filter((device) => {
    const found = files.stat(device)
    if (!found) return true
    if (found.type === 'block') return false
    throw new IgnitionError({
      code: 'FL_DEVICE_MISSING',
      message: `${quote(device)} is a ${found.type}, not a block device`,
      about: { device },
    })
  })
}

/** How long to wait for udev once all devices are there: it may never look at one, and then there is nothing to miss. */
const udevMilliseconds = 5000

/**
 * Until udev is done with the first event of a device, links to it may be missing. Its whole queue is not waited for:
 * on a busy machine it is never empty.
 */
async function awaitUdev(system: System, devices: readonly string[]): Promise<void> {
  if (!hasUdev(system.files)) return
  const deadline = system.monotonic() + udevMilliseconds
  const isUnknown = (device: string) => {
    const number = readBlockDevice(system.files, nodeOf(system.files, device))?.number
    return number !== undefined && system.files.lstat(`/run/udev/data/b${number}`) === undefined
  }
  for (let unknown = devices; ; await system.sleep(pollMilliseconds)) {
    unknown = unknown.filter(isUnknown)
    if (unknown.length === 0) return
    if (system.monotonic() < deadline) continue
    return system.log('info', `udev does not know [${unknown.join(' ')}]; going on without it`)
  }
}

/** Makes udev look at a changed device again and waits until it has. */
export async function settleDevice(system: System, node: string): Promise<void> {
  if (!hasUdev(system.files)) return
  await system.run('udevadm', ['trigger', '--settle', node], { description: 'waiting for triggered uevent' })
}

/** The socket of a running systemd-udevd. */
const hasUdev = (files: Files) => files.lstat('/run/udev/control') !== undefined

/** Follows all links of a device's path. */
export const nodeOf = (files: Files, device: string) => createPathResolver(files, '').follow(device)

function timedOut(files: Files, missing: readonly string[]): IgnitionError {
  const names = missing.map(quote).join(', ')
  const directories = [...new Set(missing.map((device) => dirname(device)))]
  const there = directories.map((directory) => `${quote(directory)} has ${neighbours(files, directory)}`)
  return new IgnitionError({
    code: 'FL_DEVICE_MISSING',
    message: `no device ${names} within ${timeoutSeconds} seconds: ${there.join('; ')}`,
    about: { device: missing[0] ?? '' },
  })
}

/** Names that a person may have meant. */
function neighbours(files: Files, directory: string): string {
  if (files.stat(directory)?.type !== 'directory') return 'nothing, it does not exist'
  const names = files.list(directory).filter((name) => files.stat(`${directory}/${name}`)?.type === 'block')
  return names.length === 0 ? 'no block devices' : names.map((name) => basename(name)).join(', ')
}
