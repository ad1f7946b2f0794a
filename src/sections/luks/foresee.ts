import { IgnitionError } from '../../errors.ts'
import {
  cleared,
  deviceAt,
  type Foreseen,
  holding,
  type Model,
  type ModelDevice,
  requireDevice,
  type Unknown,
  withDevice,
} from '../../plan/model.ts'
import { isSet } from '../../secret.ts'
import type { Config } from '../../spec/config.ts'
import { usesClevis } from './clevis.ts'
import type { ConfigLuks, Header, LuksFacts, LuksStep, VolumeFacts } from './plan.ts'

const mapperPath = (name: string) => `/dev/mapper/${name}`

/** The facts of every LUKS volume of the config, from a model: without its keys. */
export function foreseeLuks(
  model: Model,
  { storage: { luks } }: Config,
  keptKeys: readonly string[] = [],
): Foreseen<LuksFacts> {
  const ownPaths = new Set(luks.map(({ name }) => mapperPath(name)))
  const unknowns: Unknown[] = []
  const facts = new Map(
    luks.map((volume) => {
      const { device = '', name, wipeVolume } = volume
      const found = ownPaths.has(device) ? deviceAt(model, device) : requireDevice(model, device)
      if (found?.hidden !== undefined && wipeVolume !== true)
        unknowns.push({ subject: device, reason: found.hidden, taken: 'taken for blank' })
      if (wipeVolume !== true) refuseUnseen(volume, found)
      const known = { ...factsOf(model, volume, found), ...(keptKeys.includes(name) && { hasKey: true }) }
      if (known.header && wipeVolume !== true)
        unknowns.push({
          subject: device,
          reason: `only the run itself tries whether the key opens LUKS volume ${JSON.stringify(name)}`,
          taken: 'taken for the right one',
        })
      return [name, known]
    }),
  )
  return { facts, unknowns }
}

/** A volume that may be kept needs its header. */
function refuseUnseen({ name, device }: ConfigLuks, found: ModelDevice | undefined): void {
  if (found?.luks || found?.signatures?.some(({ type }) => type === 'crypto_LUKS') !== true) return
  throw new IgnitionError({
    code: 'FL_MACHINE_UNSEEN',
    message: `the description of the machine does not have the LUKS header on ${JSON.stringify(device)}, which ${JSON.stringify(name)} may keep`,
  })
}

function factsOf(model: Model, volume: ConfigLuks, device: ModelDevice | undefined): VolumeFacts {
  const { name, keyFile, cex } = volume
  const there = deviceAt(model, mapperPath(name))
  const isOpen = there !== undefined && device !== undefined && there.builtOn.includes(device.path)
  return {
    node: device?.path,
    signatures: device?.signatures ?? [],
    header: headerOf(device?.luks),
    opened: there === undefined ? 'no' : isOpen ? 'volume' : 'other',
    keyFits: true,
    isBound: usesClevis(volume),
    hasKey: cex.enabled === true || isSet(keyFile.source),
    use: device?.use,
    isOurs: false,
  }
}

function headerOf(luks: ModelDevice['luks']): Header | undefined {
  if (luks === undefined) return undefined
  const { uuid, label, flags } = luks
  return luks.version === 1 ? { version: 1 } : { version: 2, uuid, label, flags }
}

/** LUKS2 keeps this much at the beginning of a device for its headers and keys: cryptsetup-luksFormat(8). */
const headerBytes = 16 * 1024 * 1024

/** The model after the steps. */
export const afterLuks = (model: Model, steps: readonly LuksStep[]): Model => steps.reduce(afterVolume, model)

function afterVolume(model: Model, { kind, volume, device: path }: LuksStep): Model {
  const device = requireDevice(model, path)
  const { name, label = '', uuid = '', discard } = volume
  const use = `held by ${JSON.stringify(mapperPath(name))}`
  // what a system that ran then had open, under whatever name
  const dormant = model.find(({ isDormant, builtOn }) => isDormant && builtOn.includes(device.path))
  const closed = cleared(model, device.path)
  const opened: ModelDevice = {
    path: mapperPath(name),
    links: [`/dev/disk/by-id/dm-name-${name}`],
    kind: 'luks',
    sizeBytes: Math.max(0, device.sizeBytes - headerBytes),
    sectorBytes: device.sectorBytes,
    builtOn: [device.path],
    isMade: true,
    isDormant: false,
    hidden: 'the volume is not open yet',
  }
  if (kind === 'open') {
    const contents = dormant?.signatures ? holding({ ...opened, isMade: false }, dormant.signatures) : opened
    return withDevice(withDevice(closed, { ...device, use }), contents)
  }
  const header = {
    ...holding(device, [{ type: 'crypto_LUKS', usage: 'crypto', uuid, label }]),
    luks: { version: 2 as const, uuid, label, flags: discard === true ? ['allow-discards'] : [] },
    use,
  }
  // what decrypts to nothing sensible
  return withDevice(withDevice(closed, header), holding(opened, []))
}
