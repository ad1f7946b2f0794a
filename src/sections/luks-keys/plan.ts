import { IgnitionError } from '../../errors.ts'
import type { Config } from '../../spec/config.ts'
import { needsNetwork, usesClevis } from '../luks/clevis.ts'

type Volume = Config['storage']['luks'][number]

export interface VolumeFacts {
  /** UUID of the LUKS header. */
  readonly uuid: string
  /** What an earlier stage left of the key, and what the new root has of it. */
  readonly key: 'missing' | 'kept' | 'inPlace'
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
  | { readonly kind: 'writeVolumeKey'; readonly file: string }

/** For each volume its key file, unless clevis unlocks it, and its line; see crypttab(5). */
export function planLuksKeys({ storage }: Config, facts: LuksKeysFacts): readonly LuksKeysStep[] {
  return [
    ...storage.luks.flatMap((volume) => planVolume(volume, facts)),
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
  const line = `${name} UUID=${uuid} ${keyFile} ${options}`
  return [
    ...(!byClevis && key === 'kept' ? [{ kind: 'writeKey' as const, volume: name }] : []),
    ...(lines.has(line) ? [] : [{ kind: 'addLine' as const, line }]),
  ]
}

/** Where the booted system finds the key of a volume. */
export const keyFilePath = (volume: string) => `/etc/luks/${volume}`
