import { IgnitionError } from '../errors.ts'
import type { System } from '../system/system.ts'
import type { Answer } from './source.ts'
import { trimNulls } from './trim-nulls.ts'

/** Device number of the virtual card reader. */
const reader = '000c'

/** Type of the spool file that is the config. */
const wantedType = 'ign'

/** Columns of `vmur list`, counted from 0: spool id, name and type of a file. */
const columns = { spool: 1, name: 9, type: 10 }

/** Reads the config from the virtual card reader of z/VM. No file of the type `ign` is no config. */
export async function readFromZvm(system: System, platform: string): Promise<Answer> {
  await system.run('modprobe', ['vmur'], { description: 'loading kernel module vmur' })
  await enableReader(system)
  const { stdout } = await system.run('vmur', ['li'], { description: 'listing the card reader' })
  const spool = findSpoolFile(stdout)
  if (spool === undefined)
    return { kind: 'empty', reason: `the card reader has no file of the type "${wantedType}"` }
  const bytes = trimNulls(await receive(system, spool))
  if (bytes.length === 0) return { kind: 'empty', reason: `spool file ${spool.id} is empty` }
  return { kind: 'found', bytes, source: platform, place: `spool file ${spool.id} of the card reader` }
}

/** The kernel may have been told to leave the device alone. */
async function enableReader(system: System): Promise<void> {
  try {
    await system.run('chccwdev', ['-e', reader], { description: 'enabling the card reader' })
  } catch (error) {
    if (!(error instanceof IgnitionError) || error.code !== 'FL_PROGRAM') throw error
    await system.run('cio_ignore', ['-r', reader], { description: 'making the card reader visible' })
    await system.run('chccwdev', ['-e', reader], { description: 'enabling the card reader' })
  }
  await system.run('udevadm', ['settle'], { description: 'waiting for udev' })
}

interface SpoolFile {
  readonly id: string
  readonly name: string
}

/** The first file of the right type; the list ends at an empty line. */
function findSpoolFile(list: string): SpoolFile | undefined {
  for (const line of list.split('\n')) {
    const fields = line.trim().split(/\s+/)
    if (fields.length <= 1) return undefined
    const { [columns.spool]: id, [columns.name]: name, [columns.type]: type } = fields
    if (type === wantedType && id !== undefined && name !== undefined) return { id, name }
  }
  return undefined
}

async function receive(system: System, { id, name }: SpoolFile): Promise<Uint8Array> {
  const directory = system.files.makeTemporaryDirectory('ignition-zvm')
  const file = `${directory}/${name.replaceAll('/', '_')}.${wantedType}`
  try {
    await system.run('vmur', ['re', '-f', id, file], { description: `receiving spool file ${id}` })
    return system.files.read(file)
  } catch (cause) {
    if (cause instanceof IgnitionError) throw cause
    throw new IgnitionError({ code: 'FL_CONFIG_UNREADABLE', message: `cannot read spool file ${id}`, cause })
  } finally {
    system.files.remove(directory)
  }
}
