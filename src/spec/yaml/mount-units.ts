import type { Expansion } from './expansion.ts'
import { overlay } from './overlay.ts'
import {
  at,
  type Branch,
  branchesAt,
  grow,
  mapBranches,
  type Tree,
  textAt,
  valueAt,
  withMembers,
} from './tree.ts'
import { escapeUnitPath } from './unit-name.ts'
import { minds } from './variants.ts'

/** Makes a mount or swap unit of each filesystem that asks for one; a unit of the config with its name goes over it. */
export function addMountUnits(config: Branch, expansion: Expansion): Branch {
  const units = branchesAt(config, 'storage', 'filesystems').flatMap(
    (filesystem) => unitOf(filesystem, config, expansion) ?? [],
  )
  const bare = mapBranches(config, ['storage', 'filesystems'], (filesystem) =>
    withMembers(filesystem, { withMountUnit: undefined }),
  )
  const [first] = units
  return first === undefined ? bare : overlay(grow({ systemd: { units } }, first.from), bare)
}

/** CoreOS systems mount below these; elsewhere the mount would hide the system or not be possible. */
const mountable = /^\/(etc|var)(\/|$)/

function unitOf(filesystem: Branch, config: Branch, { variant, findings }: Expansion): Tree | undefined {
  const wish = at(filesystem, 'withMountUnit')
  if (wish === undefined || valueAt(wish) !== true) return undefined
  const format = textAt(filesystem, 'format') ?? ''
  const path = textAt(filesystem, 'path') ?? ''
  const device = textAt(filesystem, 'device') ?? ''
  const isSwap = format === 'swap' && variant.level >= 4
  const fault = faultOf({ filesystem, format, path, isSwap, minding: minds(variant) })
  if (fault !== undefined) {
    findings.add('BU-MOUNT', (at(filesystem, fault.member) ?? wish).from, fault.reason)
    return undefined
  }
  const contents = isSwap
    ? swapUnit(device, optionsOf(filesystem, false))
    : mountUnit({ device, path, format, filesystem, isRemote: isRemote(device, config) })
  const name = isSwap ? `${escapeUnitPath(device)}.swap` : `${escapeUnitPath(path)}.mount`
  return grow({ contents, enabled: true, name }, wish.from)
}

interface Wish {
  readonly filesystem: Branch
  readonly format: string
  readonly path: string
  readonly isSwap: boolean
  readonly minding: boolean
}

function faultOf({ filesystem, format, path, isSwap, minding }: Wish) {
  if (format === '') return { member: 'format', reason: 'a format is needed' }
  if (!isSwap && path === '') return { member: 'path', reason: 'a path is needed' }
  if (minding && path !== '' && !mountable.test(path))
    return { member: 'path', reason: 'only /etc, /var and what is below them can be mounted' }
  const member = ['device', 'path', 'format', 'mountOptions'].find((name) => hasBreak(at(filesystem, name)))
  return member === undefined ? undefined : { member, reason: 'a unit file has no place for line breaks' }
}

/** What stands behind a line break would be a line of the unit file. */
const hasBreak = (tree: Tree | undefined): boolean =>
  tree?.kind === 'row' ? tree.items.some(hasBreak) : /[\n\r\0]/.test(textAt(tree) ?? '')

/** Whether the volume below is unlocked over the network. */
function isRemote(device: string, config: Branch): boolean {
  return branchesAt(config, 'storage', 'luks').some((volume) => {
    const name = textAt(volume, 'name')
    const isBelow = device === `/dev/mapper/${name}` || device === `/dev/disk/by-id/dm-name-${name}`
    return isBelow && branchesAt(volume, 'clevis', 'tang').length > 0
  })
}

function optionsOf(filesystem: Branch, remote: boolean): readonly string[] {
  const row = at(filesystem, 'mountOptions')
  const options = row?.kind === 'row' ? row.items.map((item) => textAt(item) ?? '') : []
  const all = remote ? [...options, '_netdev'] : options
  return all.length === 0 ? [] : [`Options=${literal(all.join(','))}`]
}

/** systemd replaces percent signs and a letter by facts about the machine. */
const literal = (text: string): string => text.replaceAll('%', '%%')

const header = '# Made by Firstlight for with_mount_unit'

const swapUnit = (device: string, options: readonly string[]): string =>
  [
    header,
    '[Swap]',
    `What=${literal(device)}`,
    ...options,
    '',
    '[Install]',
    'RequiredBy=swap.target',
    '',
  ].join('\n')

interface Mount {
  readonly device: string
  readonly path: string
  readonly format: string
  readonly filesystem: Branch
  readonly isRemote: boolean
}

function mountUnit({ device, path, format, filesystem, isRemote }: Mount): string {
  const check = `systemd-fsck@${escapeUnitPath(device)}.service`
  return [
    header,
    // a virtiofs tag is no device that could be checked
    ...(format === 'virtiofs' ? [] : ['[Unit]', `Requires=${check}`, `After=${check}`, '']),
    '[Mount]',
    `Where=${literal(path)}`,
    `What=${literal(device)}`,
    `Type=${format}`,
    ...optionsOf(filesystem, isRemote),
    '',
    '[Install]',
    `RequiredBy=${isRemote ? 'remote' : 'local'}-fs.target`,
    '',
  ].join('\n')
}
