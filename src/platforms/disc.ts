import { basename } from 'node:path/posix'
import { readDriveFile } from '../config-file.ts'
import { waitFor } from '../system/explained-wait.ts'
import { whileMounted } from '../system/labelled-device.ts'
import type { System } from '../system/system.ts'
import type { Answer, DiscSource } from './source.ts'

const lookEverySeconds = 1

/** SCSI type of a CD-ROM drive, in sysfs: `scsi/scsi_proto.h`, TYPE_ROM. */
const CD_ROM = '5'

/** Exit status of blkid when no device matches. */
const nothingFound = 2

/** Waits for the disc and reads the config from it. A disc without it is no config. */
export async function readDisc(options: {
  readonly system: System
  readonly source: DiscSource
  readonly platform: string
  readonly signal?: AbortSignal | undefined
}): Promise<Answer> {
  const { system, source, platform, signal } = options
  const seen = new Set<string>()
  const bytes = await waitFor(system, {
    owner: 'config drive',
    what: `a disc (${source.filesystems.join(' or ')}) with "${source.mark}"`,
    seconds: undefined,
    look: () => searchDiscs(system, source, seen),
    everySeconds: lookEverySeconds,
    signal,
    found: () => (seen.size === 0 ? 'there is no disc' : `not so: ${[...seen].join(', ')}`),
  })
  if (bytes === undefined || bytes.length === 0)
    return { kind: 'empty', reason: `the disc with "${source.mark}" has nothing in "${source.path}"` }
  return {
    kind: 'found',
    bytes,
    source: platform,
    place: `"${source.path}" on the disc with "${source.mark}"`,
  }
}

/** Contents of the file on the first disc that is the right one; none when it is not there. Every disc is tried once. */
async function searchDiscs(
  system: System,
  source: DiscSource,
  seen: Set<string>,
): Promise<Uint8Array | undefined> {
  for (const type of source.filesystems)
    for (const device of await devicesWith(system, type)) {
      if (seen.has(device)) continue
      seen.add(device)
      if (!isOptical(system, device)) {
        system.log('debug', `"${device}" is not an optical drive`)
        continue
      }
      const bytes = await readFrom(system, source, { device, type })
      if (bytes !== undefined) return bytes
    }
  return undefined
}

async function devicesWith(system: System, type: string): Promise<readonly string[]> {
  const args = ['-c', '/dev/null', '-t', `TYPE=${type}`, '-o', 'device']
  const { stdout } = await system.run('blkid', args, { accept: [0, nothingFound] })
  return stdout.split('\n').filter((line) => line !== '')
}

/** A hard disk with such a filesystem is somebody's data. */
function isOptical({ files }: System, device: string): boolean {
  const path = `/sys/class/block/${basename(device)}/device/type`
  return files.stat(path) !== undefined && files.readText(path).trim() === CD_ROM
}

async function readFrom(
  system: System,
  { mark, path }: DiscSource,
  disc: { readonly device: string; readonly type: string },
): Promise<Uint8Array | undefined> {
  try {
    return await whileMounted(system, disc, (directory) => {
      if (system.files.stat(`${directory}/${mark}`) === undefined) {
        system.log('debug', `"${disc.device}" is not a config disc: it has no "${mark}"`)
        return undefined
      }
      const what = `"${path}" on "${disc.device}"`
      return readDriveFile(system.files, { directory, path, what }) ?? new Uint8Array()
    })
  } catch (error) {
    // There may be another one, or a person who puts in the right one.
    system.log(
      'warning',
      `cannot read "${disc.device}": ${error instanceof Error ? error.message : String(error)}`,
    )
    return undefined
  }
}
