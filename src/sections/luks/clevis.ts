import { IgnitionError } from '../../errors.ts'
import { showUrl } from '../../resources/show-url.ts'
import { isSet, Secret } from '../../secret.ts'
import type { Config } from '../../spec/config.ts'
import { parseJson } from '../../spec/parse-json.ts'
import type { ProgramName } from '../../system/programs.ts'

type ConfigLuks = Config['storage']['luks'][number]
type Tang = ConfigLuks['clevis']['tang'][number]

/** Where a tang server tells what it is bound by. */
export const advertisementOf = ({ url }: Tang): Secret => new Secret(`${url.reveal()}/adv`)

/** What clevis is to bind a volume to. */
export interface Binding {
  readonly pin: string
  /** JSON in clevis' own words. */
  readonly config: Secret
  /** Whether the volume can be unlocked right away, to prove that it works. */
  readonly isProvable: boolean
}

/** Whether a volume is unlocked by clevis when the machine boots. */
export const usesClevis = ({ clevis: { custom, tang, tpm2, threshold } }: ConfigLuks): boolean =>
  Boolean(custom.pin) ||
  tang.length > 0 ||
  tpm2 === true ||
  (threshold !== undefined && Number(threshold) !== 0)

/** Whether unlocking by clevis needs the network. */
export const needsNetwork = ({ clevis: { custom, tang } }: ConfigLuks): boolean =>
  tang.length > 0 || (Boolean(custom.pin) && custom.needsNetwork === true)

/** The binding that the config asks for; several means are joined by Shamir's scheme, see clevis-encrypt-sss(1). */
export function bindingOf(volume: ConfigLuks): Binding {
  const { custom, tang, tpm2, threshold } = volume.clevis
  if (custom.pin) return { pin: custom.pin, config: custom.config ?? new Secret(''), isProvable: false }
  const needed = Number(threshold ?? 1)
  const isTpm2 = tpm2 === true
  const pins = {
    ...((tang.length > 0 || !isTpm2) && {
      tang: tang.length > 0 ? tang.map((server) => tangOf(volume, server)) : null,
    }),
    ...(isTpm2 && { tpm2: {} }),
  }
  return {
    pin: 'sss',
    config: new Secret(JSON.stringify({ pins, t: needed })),
    isProvable: serversToAsk(volume).length + Number(isTpm2) >= needed,
  }
}

/** Tang servers that have to answer while provisioning. */
export const serversToAsk = ({ clevis: { custom, tang } }: ConfigLuks): readonly Tang[] =>
  custom.pin ? [] : tang.filter(({ advertisement }) => !isSet(advertisement))

function tangOf({ name }: ConfigLuks, { url, thumbprint, advertisement }: Tang) {
  return {
    url: url.reveal(),
    ...(thumbprint !== undefined && { thp: thumbprint.reveal() }),
    ...(isSet(advertisement) && { adv: parseAdvertisement(name, url, advertisement) }),
  }
}

function parseAdvertisement(volume: string, url: Secret, advertisement: Secret): unknown {
  try {
    return parseJson(advertisement.reveal())
  } catch (cause) {
    throw new IgnitionError({
      code: 'FL_CONFIG_INVALID',
      message: `the advertisement of tang server ${JSON.stringify(showUrl(url.reveal()))} for LUKS volume ${JSON.stringify(volume)} is not JSON`,
      cause,
    })
  }
}

/** clevis is a set of programs that start each other. */
export function clevisPrograms(volume: ConfigLuks): readonly ProgramName[] {
  if (!usesClevis(volume)) return []
  const { custom, tang, tpm2 } = volume.clevis
  if (custom.pin) return ['clevis', 'clevis-luks-bind']
  return [
    'clevis',
    'clevis-luks-bind',
    'clevis-luks-unlock',
    'clevis-encrypt-sss',
    ...(tang.length > 0 ? (['clevis-encrypt-tang'] as const) : []),
    ...(tpm2 === true ? (['clevis-encrypt-tpm2'] as const) : []),
  ]
}
