import { dirname } from 'node:path/posix'
import { IgnitionError } from '../errors.ts'
import { waitFor } from '../system/explained-wait.ts'
import { createPathResolver } from '../system/path-resolver.ts'
import { quote } from '../system/quote.ts'
import type { Files, System } from '../system/system.ts'
import { waits } from '../system/waits.ts'
import { readBlockDevice } from './sysfs.ts'
import { readUse } from './usage.ts'

const pollSeconds = 0.1

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
    await awaitDevices(inner, wanted)
    await awaitUdev(inner, wanted)
    return new Map(wanted.map((device) => [device, nodeOf(inner.files, device)]))
  })
}

async function awaitDevices(system: System, wanted: readonly string[]): Promise<void> {
  const { files } = system
  const { seconds } = waits.device.limit
  let missing = wanted
  const isThere = await waitFor(system, {
    owner: 'device',
    what: `the devices [${wanted.join(' ')}]`,
    seconds,
    everySeconds: pollSeconds,
    look() {
      missing = absent(files, missing)
      return missing.length === 0 ? true : undefined
    },
    found: () => `no ${missing.map(quote).join(', ')}; ${surroundings(files, missing)}`,
  })
  if (isThere !== undefined) return
  throw new IgnitionError({
    code: 'FL_DEVICE_MISSING',
    message: `no device ${missing.map(quote).join(', ')} within ${seconds} seconds: ${surroundings(files, missing)}`,
    about: { device: missing[0] ?? '' },
  })
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

/**
 * Until udev is done with the first event of a device, links to it may be missing. Its whole queue is not waited for:
 * on a busy machine it is never empty.
 */
async function awaitUdev(system: System, devices: readonly string[]): Promise<void> {
  if (!hasUdev(system.files)) return
  const isUnknown = (device: string) => {
    const number = readBlockDevice(system.files, nodeOf(system.files, device))?.number
    return number !== undefined && system.files.lstat(`/run/udev/data/b${number}`) === undefined
  }
  let unknown = devices
  const isKnown = await waitFor(system, {
    owner: 'udev database',
    what: `udev to know [${devices.join(' ')}]`,
    seconds: waits['udev database'].limit.seconds,
    everySeconds: pollSeconds,
    look() {
      unknown = unknown.filter(isUnknown)
      return unknown.length === 0 ? true : undefined
    },
    found: () => `it does not know [${unknown.join(' ')}]`,
  })
  if (isKnown === undefined)
    system.log('info', `udev does not know [${unknown.join(' ')}]; going on without it`)
}

/** Makes udev look at a changed device again and waits until it has. */
export async function settleDevice(system: System, node: string): Promise<void> {
  if (!hasUdev(system.files)) return
  await system.run('udevadm', ['trigger', '--settle', node], { description: 'waiting for triggered uevent' })
}

/** Seconds that udev gets for what it has in its queue; a busy machine's is never empty. */
const settleSeconds = 5

/** Waits until udev, where there is one, is done with what the kernel has told it until now. */
export async function settleUdev(system: System): Promise<void> {
  if (!hasUdev(system.files)) return
  await system.run('udevadm', ['settle', `--timeout=${settleSeconds}`], {
    description: 'waiting for udev to be done',
    accept: [0, 1],
  })
}

/** Whether there is a running systemd-udevd: its socket. */
export const hasUdev = (files: Files) => files.lstat('/run/udev/control') !== undefined

/** Follows all links of a device's path. */
export const nodeOf = (files: Files, device: string) => createPathResolver(files, '').follow(device)

/** What is there instead of the devices that are missing, and whether more may come. */
function surroundings(files: Files, missing: readonly string[]): string {
  const directories = [...new Set(missing.map((device) => dirname(device)))]
  const there = directories.map((directory) => `${quote(directory)} has ${neighbours(files, directory)}`)
  return [...there, ...(isUdevBusy(files) ? ['udev is still at work on new devices'] : [])].join('; ')
}

/** Its queue is a file only while something is in it: udevadm(8), settle. */
const isUdevBusy = (files: Files) => files.lstat('/run/udev/queue') !== undefined

const mostNeighbours = 16

/** Names that a person may have meant, and whether they are free. */
function neighbours(files: Files, directory: string): string {
  if (files.stat(directory)?.type !== 'directory') return 'nothing, it does not exist'
  const names = files.list(directory).filter((name) => files.stat(`${directory}/${name}`)?.type === 'block')
  if (names.length === 0) return 'no block devices'
  const useOf = readUse(files)
  const described = names.slice(0, mostNeighbours).map((name) => {
    const device = readBlockDevice(files, nodeOf(files, `${directory}/${name}`))
    const use = device && useOf(device)
    return use === undefined ? name : `${name} (${use})`
  })
  const others = names.length - described.length
  return described.join(', ') + (others > 0 ? ` and ${others} more` : '')
}
