import { IgnitionError } from '../../errors.ts'
import { isSet, Secret } from '../../secret.ts'
import type { SectionContext } from '../../section.ts'
import type { State } from '../../state.ts'
import type { System } from '../../system/system.ts'
import type { ConfigLuks } from './plan.ts'

/** Keys of one stage, in memory only: never part of facts, steps or messages. */
export interface KeyRing {
  /** Volume name → key. */
  readonly keys: Map<string, Uint8Array>
  /** File name → secure key of an IBM crypto adapter, or what describes it. */
  readonly volumeKeys: Map<string, Uint8Array>
  /** Volumes whose key was made here and not named by the config. */
  readonly generated: Set<string>
}

export const createKeyRing = (): KeyRing => ({
  keys: new Map(),
  volumeKeys: new Map(),
  generated: new Set(),
})

/** A dummy for volumes whose volume key is a secure key; it is public and part of the initramfs. */
const secureKeyDummy = '/etc/luks/cex.key'

/** Brings the key of a volume that exists before the stage: from the config, or kept from an earlier run. */
export async function collectKey(context: SectionContext, ring: KeyRing, volume: ConfigLuks): Promise<void> {
  const { fetch, state, system } = context
  const { name, keyFile, cex } = volume
  if (cex.enabled === true) ring.keys.set(name, readDummy(system))
  else if (isSet(keyFile.source)) ring.keys.set(name, await fetch.toMemory(keyFile))
  else {
    const kept = state.luksPersistKeyFiles?.[name]
    if (kept !== undefined) ring.keys.set(name, await fetch.toMemory({ source: kept }))
  }
}

function readDummy({ files }: System): Uint8Array {
  if (files.stat(secureKeyDummy)) return files.read(secureKeyDummy)
  throw new IgnitionError({
    code: 'FL_FILE',
    message: `the image has no ${secureKeyDummy}, which LUKS volumes with cex need: add Firstlight's dracut module for s390x`,
  })
}

/** Random bytes of a generated key. In hexadecimal it has twice as many, which is what cryptsetup reads. */
const generatedBytes = 4096

/** A new key for a volume that is made anew, unless the config names one. */
export function keyToMake(system: System, ring: KeyRing, { name, keyFile, cex }: ConfigLuks): Uint8Array {
  const given = ring.keys.get(name)
  if (given && (cex.enabled === true || isSet(keyFile.source))) return given
  const key = Buffer.from(Buffer.from(system.random(generatedBytes)).toString('hex'))
  ring.keys.set(name, key)
  ring.generated.add(name)
  return key
}

/** Lends a key to programs as a file that only root can read, and removes it afterwards. */
export async function withKeyFile<T>(
  { files, log }: System,
  key: Uint8Array,
  work: (path: string) => Promise<T>,
): Promise<T> {
  const directory = files.makeTemporaryDirectory('ignition-luks-')
  const path = `${directory}/key`
  try {
    files.write(path, key, { mode: 0o600 })
    return await work(path)
  } finally {
    try {
      files.shred(path)
      files.remove(directory)
    } catch (error) {
      log('warning', `cannot remove ${directory}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
}

const toDataUrl = (bytes: Uint8Array) => `data:;base64,${Buffer.from(bytes).toString('base64')}`

/** The state with all keys that the stage `files` has to put into the new root. */
export function rememberKeys(state: State, { keys, volumeKeys }: KeyRing): State {
  const asUrls = (map: ReadonlyMap<string, Uint8Array>) =>
    Object.fromEntries([...map].map(([name, bytes]) => [name, new Secret(toDataUrl(bytes))]))
  return {
    ...state,
    luksPersistKeyFiles: asUrls(keys),
    luksPersistVolumeKeyFiles: { ...state.luksPersistVolumeKeyFiles, ...asUrls(volumeKeys) },
  }
}
