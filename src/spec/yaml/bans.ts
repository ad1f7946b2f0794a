import type { Expansion } from './expansion.ts'
import { type Branch, type Origin, type Tree, textAt } from './tree.ts'
import { isWithin, type Variant, type VariantName } from './variants.ts'

/** A field of the spec that a variant has no use for. */
interface Ban {
  readonly variants: readonly VariantName[]
  /** First and last version; all when left out. */
  readonly from?: string
  readonly to?: string
  /** Names of the spec with dots. */
  readonly place: string
  /** What would happen, or what to do instead. */
  readonly why: string
  /** Only values that this is true of. */
  readonly when?: (tree: Tree) => boolean
}

const edge: readonly VariantName[] = ['r4e', 'fiot']
const openshift: readonly VariantName[] = ['openshift']
const newest = '5.1.0-experimental'
const installer = 'the disks are set up when the system is installed'
const onlyKeys = 'the Machine Config Operator manages only SSH keys and the password of users'
const onlyFiles = 'the Machine Config Operator manages only files'

/** THE table of what variants refuse. */
const bans: readonly Ban[] = [
  { variants: edge, place: 'kernelArguments', why: 'set kernel arguments when the system is installed' },
  ...['disks', 'filesystems', 'luks', 'raid'].map((name) => ({
    variants: edge,
    place: `storage.${name}`,
    why: installer,
  })),
  {
    variants: ['flatcar'],
    from: '1.0.0',
    to: '1.1.0',
    place: 'storage.luks.clevis',
    why: 'Flatcar has clevis since 1.2.0',
  },
  { variants: ['flatcar'], place: 'storage.luks.cex', why: 'Flatcar does not run on such machines' },
  { variants: openshift, place: 'kernelArguments', why: 'use openshift.kernel_arguments' },
  { variants: openshift, place: 'passwd.groups', why: onlyKeys },
  ...[
    'gecos groups homeDir noCreateHome noLogInit noUserGroup primaryGroup shell shouldExist system uid',
  ].flatMap((names) =>
    names.split(' ').map((name) => ({ variants: openshift, place: `passwd.users.${name}`, why: onlyKeys })),
  ),
  { variants: openshift, from: '4.8.0', to: '4.12.0', place: 'passwd.users.passwordHash', why: onlyKeys },
  {
    variants: openshift,
    place: 'passwd.users.name',
    why: 'the only user is core',
    when: (tree) => textAt(tree) !== 'core',
  },
  { variants: openshift, place: 'storage.directories', why: onlyFiles },
  { variants: openshift, place: 'storage.links', why: onlyFiles },
  {
    variants: openshift,
    place: 'storage.files.append',
    why: 'the Machine Config Operator writes whole files',
  },
  { variants: openshift, place: 'storage.files.contents.httpHeaders', why: 'contents must be in the config' },
  {
    variants: openshift,
    place: 'storage.files.contents.source',
    why: 'contents must be in the config: a data URL, inline or local',
    when: (tree) => /^[a-z0-9+.-]+:/i.test(textAt(tree) ?? '') && !/^data:/i.test(textAt(tree) ?? ''),
  },
  {
    variants: openshift,
    from: '4.8.0',
    to: '4.9.0',
    place: 'storage.files.contents.compression',
    why: 'the Machine Config Operator does not unpack before 4.10',
    when: (tree) => textAt(tree) !== '',
  },
  {
    variants: openshift,
    from: '4.10.0',
    to: newest,
    place: 'storage.files.mode',
    why: 'the Machine Config Operator sets no setuid, setgid and sticky bits',
    when: (tree) => tree.kind === 'leaf' && typeof tree.value === 'number' && (tree.value & ~0o777) !== 0,
  },
  {
    variants: openshift,
    place: 'storage.filesystems.format',
    why: 'the system has no tools for btrfs',
    when: (tree) => textAt(tree) === 'btrfs',
  },
  {
    variants: openshift,
    from: '4.14.0',
    to: newest,
    place: 'storage.filesystems.format',
    why: 'the Machine Config Operator does not know it',
    when: (tree) => textAt(tree) === 'none',
  },
]

/** Finds what the variant refuses, also where sugar made it. */
export function findBans(config: Branch, { variant, findings }: Expansion): void {
  for (const ban of bans) {
    if (!holdsFor(ban, variant)) continue
    for (const tree of treesAt(config, ban.place.split('.'))) {
      if (isEmpty(tree) || ban.when?.(tree) === false) continue
      findings.add('BU-FIELD', culpritOf(tree), ban.why)
    }
  }
}

const holdsFor = ({ variants, from, to }: Ban, variant: Variant): boolean =>
  variants.includes(variant.name) && (from === undefined || to === undefined || isWithin(variant, from, to))

const isEmpty = (tree: Tree): boolean => tree.kind === 'row' && tree.items.length === 0

/** The list itself, or what a tree or the like put into it. */
function culpritOf(tree: Tree): Origin {
  const [first] = tree.kind === 'row' ? tree.items : []
  if (first === undefined) return tree.from
  const isOwn = tree.from.path.every((step, index) => first.from.path[index] === step)
  return isOwn ? tree.from : first.from
}

function treesAt(tree: Tree, [name, ...rest]: readonly string[]): readonly Tree[] {
  if (name === undefined) return [tree]
  if (tree.kind === 'row') return tree.items.flatMap((item) => treesAt(item, [name, ...rest]))
  const member = tree.kind === 'branch' ? tree.members.get(name) : undefined
  if (member === undefined) return []
  return treesAt(member, rest)
}
