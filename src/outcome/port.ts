import type { System } from '../system/system.ts'
import { waits } from '../system/waits.ts'

/** Ports of virtio-serial by the name that the host gives them; udev's links are gone when a boot stops. */
const ports = '/sys/class/virtio-ports'

/** What a port takes at a time, and how long one may be behind. */
const chunkBytes = 4096
const patienceMilliseconds = waits['report port'].limit.seconds * 1000
const retryMilliseconds = 20

/** Writes a line to the port with a name. False when there is no such port; throws when it takes nothing any more. */
export async function writeToPort(system: System, name: string, line: string): Promise<boolean> {
  const path = findPort(system, name)
  if (path === undefined) return false
  const device = (await system.openHypervisor()).openDevice(path)
  try {
    const bytes = Buffer.from(`${line}\n`)
    let deadline = system.monotonic() + patienceMilliseconds
    for (let sent = 0; sent < bytes.length; ) {
      const chunk = bytes.subarray(sent, sent + chunkBytes)
      try {
        device.write(chunk)
        sent += chunk.length
        deadline = system.monotonic() + patienceMilliseconds
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN' || system.monotonic() >= deadline) throw error
        await system.sleep(retryMilliseconds, 'report port')
      }
    }
  } finally {
    device.close()
  }
  return true
}

function findPort({ files }: System, name: string): string | undefined {
  if (files.stat(ports)?.type !== 'directory') return undefined
  const found = files.list(ports).find((port) => {
    const path = `${ports}/${port}/name`
    return files.stat(path) !== undefined && files.readText(path).trim() === name
  })
  return found === undefined ? undefined : `/dev/${found}`
}
