import { isSet } from '../../secret.ts'
import type { Config } from '../config.ts'
import { scanJson } from '../json/scan.ts'
import { readSourceText } from '../json/text.ts'
import { type Add, byteLength, type Check, check, type Scope } from './check.ts'
import { lookAtPath } from './paths.ts'
import { findSourceFault, isWebUrl } from './source.ts'

type Raid = Config['storage']['raid'][number]
type Luks = Config['storage']['luks'][number]
type Clevis = Luks['clevis']
type Tang = Clevis['tang'][number]

const levels = [
  'linear',
  'raid0',
  '0',
  'stripe',
  'raid1',
  '1',
  'mirror',
  'raid4',
  '4',
  'raid5',
  '5',
  'raid6',
  '6',
  'raid10',
  '10',
]
const levelsWithoutSpares = levels.slice(0, 4)

function lookAtRaid({ level = '', spares, devices }: Raid, add: Add, { since }: Scope): void {
  if (level === '' && since('3.3.0')) add('RAID-LEVEL-REQUIRED', ['level'])
  else if (!levels.includes(level)) add('RAID-LEVEL', ['level'])
  if (levelsWithoutSpares.includes(level) && spares) add('RAID-SPARES', ['level'])
  if (devices.length === 0) add('RAID-DEVICES', ['devices'])
}

function lookAtLuks(luks: Luks, add: Add, scope: Scope): void {
  const { name, label, device, clevis, keyFile, cex } = luks
  if (name.includes('/')) add('LUKS-NAME-SLASH', ['name'])
  if (label !== undefined && byteLength(label) > 47) add('LUKS-LABEL-LEN', ['label'])
  if (isSet(device)) lookAtPath(device, add, ['device'])
  else add('DEVICE-REQUIRED', ['device'])
  if (usesMeans(clevis) && usesCustom(clevis, scope)) add('CLEVIS-CUSTOM-EXCL', ['clevis'])
  // The reference reports this at a key that does not exist.
  if (isSet(keyFile.source) && findSourceFault(keyFile.source.reveal(), scope) !== undefined)
    add('LUKS-KEYFILE', ['keys'])
  if (cex.enabled !== true) return
  if (usesMeans(clevis) || isSet(clevis.custom.pin)) add('CEX-CLEVIS', ['cex'])
  if (isSet(keyFile.source)) add('CEX-KEYFILE', ['cex'])
}

/** Whether clevis is told how to unlock in other words than its own. */
const usesMeans = ({ tang, tpm2, threshold }: Clevis): boolean =>
  tang.length > 0 || tpm2 === true || Boolean(threshold)

/** Before 3.3.0 a custom object that is there counts, however empty; its pin is then at least an empty string. */
const usesCustom = ({ custom }: Clevis, { since }: Scope): boolean =>
  since('3.3.0') ? isSet(custom.pin) : custom.pin !== undefined

const pins = ['tpm2', 'tang', 'sss']

function lookAtCustom({ pin, config, needsNetwork }: Clevis['custom'], add: Add, { since }: Scope): void {
  const isTouched = isSet(pin) || isSet(config) || (since('3.3.0') && needsNetwork === true)
  if (!isTouched) return
  if (!isSet(pin) && since('3.3.0')) add('CLEVIS-PIN-REQUIRED', ['pin'])
  else if (!pins.includes(pin ?? '')) add('CLEVIS-PIN-UNKNOWN', ['pin'])
  if (!isSet(config)) add('CLEVIS-CONFIG-REQUIRED', ['config'])
}

function lookAtTang({ url, thumbprint, advertisement }: Tang, add: Add): void {
  const isWeb = isWebUrl(url.reveal())
  if (isWeb === undefined) add('URL-PARSE', ['url'])
  else if (!isWeb) add('URL-SCHEME', ['url'], 'use http or https')
  if (!isSet(thumbprint)) add('TANG-THUMBPRINT', ['thumbprint'])
  if (isSet(advertisement) && !isJson(advertisement.reveal())) add('TANG-ADVERTISEMENT', ['advertisement'])
}

/** One JSON value whose numbers a double can hold. */
function isJson(text: string): boolean {
  const scan = scanJson(readSourceText(new TextEncoder().encode(text)))
  return scan.kind === 'tape' && !scan.overflows
}

export const volumeChecks: readonly Check[] = [
  check('storage.luks[]', lookAtLuks),
  check('storage.luks[].clevis.custom', lookAtCustom),
  check('storage.luks[].clevis.tang[]', lookAtTang),
  check('storage.raid[]', lookAtRaid),
  check('storage.raid[].devices[]', (device, add) => lookAtPath(device, add, [])),
]
