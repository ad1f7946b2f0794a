import { inPart } from '../../errors.ts'
import type { SectionContext } from '../../section.ts'
import { keyClash, keyFilePath, type LuksKeysFacts, type VolumeFacts } from './plan.ts'

export const crypttabPath = '/etc/crypttab'

/** Where the tools for IBM crypto adapters keep volume keys. */
export const volumeKeyDirectory = '/etc/zkey/repository'

/** Links to the devices of the config, made by the disks stage; the devices themselves may go by another name. */
const aliasDirectory = '/run/ignition/dev_aliases'

/** Reads the UUIDs from the volumes, and what the new root has of their keys. */
export async function observeLuksKeys(context: SectionContext): Promise<LuksKeysFacts> {
  const volumes = new Map<string, VolumeFacts>()
  for (const { name, device = '' } of context.config.storage.luks)
    await inPart({ device }, async () =>
      volumes.set(name, { uuid: await uuidOf(context, device), key: await keyOf(context, name) }),
    )
  const { sysroot, system, state } = context
  const table = sysroot.resolve(crypttabPath)
  const text = system.files.lstat(table)?.type === 'file' ? system.files.readText(table) : ''
  return {
    volumes,
    lines: new Set(text.split('\n')),
    volumeKeyFiles: Object.keys(state.luksPersistVolumeKeyFiles ?? {}).filter(
      (file) => !isInPlace(context, file),
    ),
  }
}

async function uuidOf({ system }: SectionContext, device: string): Promise<string> {
  const alias = `${aliasDirectory}${device}`
  const { stdout } = await system.run('cryptsetup', ['luksUUID', system.files.lstat(alias) ? alias : device])
  return stdout.trim()
}

/** A file that an earlier run has written is of a volume that has been made anew since. */
const isInPlace = ({ sysroot, system, earlier }: SectionContext, file: string) =>
  system.files.lstat(sysroot.resolve(`${volumeKeyDirectory}/${file}`)) !== undefined &&
  earlier.look(claimOf(file)).kind === 'none'

/** The name of a key file in the journal of steps. */
export const claimOf = (volume: string) => `key file ${volume}`

async function keyOf(context: SectionContext, volume: string): Promise<VolumeFacts['key']> {
  const { sysroot, system, state, fetch } = context
  const source = state.luksPersistKeyFiles?.[volume]
  const target = sysroot.resolve(keyFilePath(volume))
  const existing = system.files.lstat(target)
  if (!existing) return source === undefined ? 'missing' : 'kept'
  if (existing.type !== 'file') throw keyClash(volume)
  if (source === undefined) return 'inPlace'
  const key = await fetch.toMemory({ source })
  if (Buffer.compare(system.files.read(target), key) === 0) return 'inPlace'
  return context.earlier.look(claimOf(volume)).kind === 'none' ? 'other' : 'kept'
}
