import { readSignatures } from '../block/signatures.ts'
import { waitForDevices } from '../block/wait.ts'
import { IgnitionError } from '../errors.ts'
import { firstlightArguments } from '../firstlight-arguments.ts'
import { runFile } from '../run-files.ts'
import { makeParents } from '../state-file.ts'
import { quote } from '../system/quote.ts'
import type { System } from '../system/system.ts'

/** Where a journal is kept. */
export interface Place {
  /** In words, for the log. */
  readonly name: string
  /** When the first-boot flag beside it was set; empty where there is none. */
  readonly flag: string
  /** All of it as it was found; empty when there is none yet. */
  readonly text: string
  /** Adds to it; it is on disk afterwards. */
  append(text: string): void
  /** Not on the boot partition: there it goes with the first-boot flag. */
  readonly remove?: () => void
}

/** The journal on the boot partition, beside the first-boot flag. */
const journalFile = 'firstlight.journal'

/** What the boot loader looks for: see docs/distributor-notes.md. */
const defaultFlag = 'ignition.firstboot'

/** A variable of the environment with the values of the kernel argument: `LABEL=boot`, `/dev/sda2`, `off`. */
const variable = 'FIRSTLIGHT_JOURNAL'

const links: Readonly<Record<string, string>> = {
  LABEL: 'by-label',
  UUID: 'by-uuid',
  PARTLABEL: 'by-partlabel',
  PARTUUID: 'by-partuuid',
}

/** A file of the machine itself. */
export function filePlace(system: System, path: string): Place {
  const { files } = system
  return {
    name: quote(path),
    flag: '',
    text: files.lstat(path)?.type === 'file' ? files.readText(path) : '',
    append(text) {
      makeParents(system, path, 0o755)
      if (files.lstat(path)?.type === 'file') files.append(path, text)
      else files.write(path, text, { mode: 0o600 })
      files.sync(path)
    },
    remove: () => files.remove(path),
  }
}

/**
 * The filesystem that the kernel command line names, or the one with the label `boot` if the first-boot flag is on it:
 * no other disk is written for a journal. Undefined when there is none, or it cannot be used; the log says why.
 */
export async function bootPlace(system: System): Promise<Place | undefined> {
  const given = firstlightArguments(system).get('journal') || system.environment(variable)
  if (given === 'off') return undefined
  try {
    const device = given === undefined ? '/dev/disk/by-label/boot' : deviceOf(given)
    if (given !== undefined) await waitForDevices(system, [device])
    if (system.files.stat(device) === undefined) return undefined
    return await openBootPlace(system, device, given !== undefined)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    system.log('warning', `no journal of steps on the boot partition: ${reason}`)
    return undefined
  }
}

function deviceOf(given: string): string {
  const [tag = '', value] = given.split('=')
  const directory = links[tag]
  if (directory !== undefined && value) return `/dev/disk/${directory}/${value}`
  if (given.startsWith('/dev/')) return given
  throw new IgnitionError({
    code: 'FL_USAGE',
    message: `firstlight.journal=${given} is neither a device nor LABEL=, UUID=, PARTLABEL= or PARTUUID= nor off`,
  })
}

async function openBootPlace(system: System, device: string, isGiven: boolean): Promise<Place | undefined> {
  const { files } = system
  const [signature] = await readSignatures(system, device)
  const type = signature?.type ?? ''
  const within = createVisit(system, { device, type })
  const found = within('ro', (directory) => {
    const [flag, path] = [`${directory}/${defaultFlag}`, `${directory}/${journalFile}`]
    return {
      flag: files.lstat(flag) ? String(files.modifiedAt(flag)) : undefined,
      text: files.lstat(path)?.type === 'file' ? files.readText(path) : '',
    }
  })
  if (found.flag === undefined && !isGiven) return undefined
  return {
    name: `"${journalFile}" on ${quote(device)}`,
    flag: found.flag ?? '',
    text: found.text,
    append(text) {
      within('rw', (directory) => {
        const path = `${directory}/${journalFile}`
        if (files.lstat(path)?.type === 'file') files.append(path, text)
        else files.write(path, text, { mode: 0o600 })
        files.sync(directory)
      })
    },
  }
}

/** FAT has no modes of its own, and refuses to change the ones that it makes up. */
const mountData: Readonly<Record<string, string>> = { vfat: 'fmask=0177,dmask=0077' }

/** Mounted only while it is read or written: the disk that it is on may be one that the config changes. */
function createVisit(system: System, { device, type }: { readonly device: string; readonly type: string }) {
  const directory = runFile(system, 'journalMount')
  return <T>(access: 'ro' | 'rw', work: (directory: string) => T): T => {
    makeParents(system, `${directory}/x`, 0o700)
    const flags = ['nosuid', 'nodev', 'noexec', ...(access === 'ro' ? (['ro'] as const) : [])] as const
    system.mount({ source: device, target: directory, type, flags, data: mountData[type] ?? '' })
    try {
      return work(directory)
    } finally {
      system.unmount(directory)
    }
  }
}
