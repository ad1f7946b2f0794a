import { IgnitionError, inPart } from '../../errors.ts'
import type { Config } from '../../spec/config.ts'
import { needsNetwork, usesClevis } from '../luks/clevis.ts'

type Volume = Config['storage']['luks'][number]

export interface VolumeFacts {
  /** UUID of the LUKS header. */
  readonly uuid: string
  /** What an earlier stage left of the key, and what the new root has of it: `other` is another key. */
  readonly key: 'missing' | 'kept' | 'inPlace' | 'other'
}

export interface LuksKeysFacts {
  readonly volumes: ReadonlyMap<string, VolumeFacts>
  /** Lines of /etc/crypttab. */
  readonly lines: ReadonlySet<string>
  /** Files of volume keys for IBM crypto adapters that the new root does not have yet. */
  readonly volumeKeyFiles: readonly string[]
}

/** Keys themselves stay in the state: a step names them. */
export type LuksKeysStep =
  | { readonly kind: 'writeKey'; readonly volume: string }
  | { readonly kind: 'addLine'; readonly line: string }
  | { readonly kind: 'replaceLine'; readonly line: string; readonly earlier: string }
  | { readonly kind: 'writeVolumeKey'; readonly file: string }

/** For each volume its key file, unless clevis unlocks it, and its line; see crypttab(5). */
export function planLuksKeys({ storage }: Config, facts: LuksKeysFacts): readonly LuksKeysStep[] {
  return [
    ...storage.luks.flatMap((volume) => inPart({ part: volume }, () => planVolume(volume, facts))),
    ...facts.volumeKeyFiles.map((file) => ({ kind: 'writeVolumeKey' as const, file })),
  ]
}

function planVolume(volume: Volume, { volumes, lines }: LuksKeysFacts): LuksKeysStep[] {
  const { name } = volume
  const { uuid, key } = volumes.get(name) ?? { uuid: '', key: 'missing' }
  const byClevis = usesClevis(volume)
  if (!byClevis && key === 'missing')
    throw new IgnitionError({
      code: 'FL_KEY_LOST',
      message: `the key file of LUKS volume ${JSON.stringify(name)} is lost: the disks stage that made the volume left no key`,
    })
  const keyFile = byClevis ? 'none' : keyFilePath(name)
  const options = ['luks', ...(needsNetwork(volume) ? ['_netdev'] : []), 'x-initrd.attach'].join(',')
  const [start, end] = [`${name} UUID=`, ` ${keyFile} ${options}`]
  const line = start + uuid + end
  const earlier = lines.has(line) ? undefined : [...lines].find((each) => isLike(each, start, end))
  // with the line, the key file is of an earlier run too, which has made the volume with the same UUID
  if (!byClevis && key === 'other' && earlier === undefined && !lines.has(line)) throw keyClash(name)
  return [
    ...(!byClevis && (key === 'kept' || key === 'other')
      ? [{ kind: 'writeKey' as const, volume: name }]
      : []),
    ...(earlier === undefined ? [] : [{ kind: 'replaceLine' as const, line, earlier }]),
    ...(lines.has(line) || earlier !== undefined ? [] : [{ kind: 'addLine' as const, line }]),
  ]
}

/** A line of a run before, for a volume that was made anew since: its UUID and key are nobody's any more. */
const isLike = (line: string, start: string, end: string) =>
  line.startsWith(start) && line.endsWith(end) && /^[\da-f-]+$/i.test(line.slice(start.length, -end.length))

/** The error for a key file that is not from a run before. */
export const keyClash = (volume: string) =>
  new IgnitionError({
    code: 'FL_FILE_EXISTS',
    message: `cannot write the LUKS key file ${JSON.stringify(keyFilePath(volume))}: something else is there already`,
  })

/** Where the booted system finds the key of a volume. */
export const keyFilePath = (volume: string) => `/etc/luks/${volume}`
