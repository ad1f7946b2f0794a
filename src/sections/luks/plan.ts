import type { Signature } from '../../block/signatures.ts'
import { IgnitionError, inPart } from '../../errors.ts'
import type { Config } from '../../spec/config.ts'
import { usesClevis } from './clevis.ts'

export type ConfigLuks = Config['storage']['luks'][number]

/** What is in the header of a LUKS device. */
export type Header =
  | { readonly version: 1 }
  | {
      readonly version: 2
      readonly uuid: string
      readonly label: string
      /** Persistent flags: `allow-discards`. */
      readonly flags: readonly string[]
    }

export interface VolumeFacts {
  /** Undefined when an earlier volume of the config brings the device. */
  readonly node: string | undefined
  readonly signatures: readonly Signature[]
  readonly header: Header | undefined
  /** What is open under the volume's name: the volume itself, or something else. */
  readonly opened: 'no' | 'volume' | 'other'
  /** Whether the key at hand opens the volume; only looked for when it is open or ours. */
  readonly keyFits: boolean
  /** Whether clevis can unlock it; only looked for when it is open. */
  readonly isBound: boolean
  /** Whether there is a key: from the config, or kept from an earlier run. */
  readonly hasKey: boolean
  /** How the device is in use, in words. */
  readonly use: string | undefined
  /** Whether the volume is unfinished work of an earlier run. */
  readonly isOurs: boolean
}

/** Name → facts. */
export type LuksFacts = ReadonlyMap<string, VolumeFacts>

interface Place {
  readonly volume: ConfigLuks
  /** As in the config. */
  readonly device: string
}

export type LuksStep =
  | (Place & {
      readonly kind: 'make'
      readonly node: string
      /** What is on the device goes. */
      readonly wipes: boolean
      /** The volume is open, and has to be closed. */
      readonly closes: boolean
    })
  | (Place & { readonly kind: 'open' })
  /** The device is not there yet: what is to be done is found out when it is. */
  | (Place & { readonly kind: 'look' })

/** Steps for the volumes that are not open yet. Throws where a device holds something else. */
export function planLuks({ storage }: Config, facts: LuksFacts): readonly LuksStep[] {
  return storage.luks.flatMap((volume) => {
    const known = facts.get(volume.name)
    return known ? inPart({ part: volume }, () => planVolume(volume, known)) : []
  })
}

function planVolume(volume: ConfigLuks, facts: VolumeFacts): readonly LuksStep[] {
  const { device = '', wipeVolume } = volume
  const { node, header, opened, isOurs } = facts
  if (opened === 'other') throw nameTaken(volume)
  if (node === undefined) return [{ kind: 'look', volume, device }]
  const wipes = wipeVolume === true || (isOurs && !isWhole(volume, facts))
  if (!wipes && header) return reuse(volume, { ...facts, header })
  const [found] = facts.signatures
  if (!wipes && found)
    throw occupied(
      volume,
      `volume at ${JSON.stringify(device)} is not of the correct type (found ${found.type})`,
    )
  if (facts.use !== undefined)
    throw new IgnitionError({
      code: 'FL_DEVICE_BUSY',
      message: `cannot make LUKS volume ${JSON.stringify(volume.name)} on ${JSON.stringify(device)}: it is ${facts.use}`,
    })
  return [{ kind: 'make', volume, device, node, wipes, closes: isOurs && opened === 'volume' }]
}

/** Whether what an earlier run has begun is all that the config asks for. */
const isWhole = (volume: ConfigLuks, { header, ...facts }: VolumeFacts) =>
  header !== undefined &&
  reasonAgainst(volume, { ...facts, header }) === undefined &&
  (facts.keyFits || usesClevis(volume))

function reuse(volume: ConfigLuks, facts: VolumeFacts & { readonly header: Header }): readonly LuksStep[] {
  const { device = '' } = volume
  const reason = reasonAgainst(volume, facts)
  if (reason !== undefined)
    throw occupied(volume, `LUKS device ${JSON.stringify(device)} could not be reused: ${reason}`)
  return facts.opened === 'volume' ? [] : [{ kind: 'open', volume, device }]
}

/** Why a LUKS device is not the volume that the config asks for; undefined when it is. */
function reasonAgainst(
  volume: ConfigLuks,
  { header, hasKey, opened, keyFits, isBound }: VolumeFacts & { readonly header: Header },
): string | undefined {
  if (header.version === 1) return 'it is LUKS1, not LUKS2'
  const { label, uuid, discard } = volume
  if (label !== undefined && label !== header.label)
    return `its label is ${JSON.stringify(header.label)}, specified ${JSON.stringify(label)}`
  if (uuid !== undefined && uuid.toLowerCase() !== header.uuid.toLowerCase())
    return `its UUID is ${header.uuid}, specified ${uuid}`
  const discards = header.flags.includes('allow-discards')
  if (discards !== (discard === true))
    return `it ${discards ? 'passes discards through' : 'does not pass discards through'}, specified ${discard === true}`
  if (usesClevis(volume))
    return opened === 'volume' && isBound ? undefined : 'clevis cannot bind to a volume that is there already'
  if (!hasKey) return 'the config has no keyFile for it, and no earlier run has left a key'
  return opened === 'volume' && !keyFits ? 'the key does not open it' : undefined
}

const occupied = ({ name }: ConfigLuks, reason: string) =>
  new IgnitionError({
    code: 'FL_DEVICE_OCCUPIED',
    message: `LUKS volume ${JSON.stringify(name)}: ${reason}, and a volume wipe was not requested; set wipeVolume to replace it`,
  })

const nameTaken = ({ name, device }: ConfigLuks) =>
  new IgnitionError({
    code: 'FL_DEVICE_BUSY',
    message: `cannot open LUKS volume ${JSON.stringify(name)} on ${JSON.stringify(device)}: /dev/mapper/${name} is another device`,
  })

/**
 * In the header of a volume from the moment that it exists until the last stage is over. Until then its key may be lost
 * with this run; a later one knows by it that nobody else has written to the volume.
 */
export const unfinishedMark = 'firstlight-unfinished'

/** Arguments for cryptsetup-luksFormat(8). A subsystem among the config's options comes later and counts. */
export function formatArguments(
  { label, uuid, options }: ConfigLuks,
  { device, keyFile, volumeKey }: FormatTarget,
): readonly string[] {
  return [
    'luksFormat',
    '--type',
    'luks2',
    '--key-file',
    keyFile,
    ...(label ? ['--label', label] : []),
    ...(uuid ? ['--uuid', uuid] : []),
    '--subsystem',
    unfinishedMark,
    ...options,
    ...(volumeKey
      ? [
          '--volume-key-file',
          volumeKey.path,
          '--cipher',
          'paes-xts-plain64',
          '--key-size',
          String(volumeKey.sizeBytes * 8),
        ]
      : []),
    device,
  ]
}

interface FormatTarget {
  readonly device: string
  readonly keyFile: string
  /** A secure key of an IBM crypto adapter. */
  readonly volumeKey: { readonly path: string; readonly sizeBytes: number } | undefined
}

/** Arguments for cryptsetup-open(8): what is persistent is kept in the header, for every boot. */
export const openArguments = (
  { name, discard, openOptions }: ConfigLuks,
  device: string,
  keyFile: string,
) => [
  'luksOpen',
  device,
  name,
  '--key-file',
  keyFile,
  '--persistent',
  ...(discard === true ? ['--allow-discards'] : []),
  ...openOptions,
]
