import type { Expansion } from './expansion.ts'
import { at, type Branch, grow, mapBranches, type Tree, textAt, valueAt, withMembers } from './tree.ts'
import { isWithin } from './variants.ts'

const roleLabel = 'machineconfiguration.openshift.io/role'
const kernelTypes = ['', 'default', 'realtime']

/** FIPS 140-2 has no XTS, which cryptsetup takes by default. */
const fipsCipher = ['--cipher', 'aes-cbc-essiv:sha256']

/** Checks what belongs to the MachineConfig, and leaves it out: the rest is an Ignition config. */
export function dropMachineConfig(config: Branch, expansion: Expansion): Branch {
  if (expansion.variant.name !== 'openshift') return config
  checkMetadata(config, expansion)
  const settings = at(config, 'openshift')
  if (settings?.kind === 'branch') checkSettings(settings, expansion)
  const fips = at(settings, 'fips')
  const needsCipher = valueAt(fips) === true && isWithin(expansion.variant, '4.8.0', '4.19.0')
  const bare = withMembers(config, { metadata: undefined, openshift: undefined })
  return fips !== undefined && needsCipher ? withFipsCipher(bare, fips) : bare
}

function checkMetadata(config: Branch, { findings }: Expansion): void {
  const metadata = at(config, 'metadata') ?? config
  if ((textAt(metadata, 'name') ?? '') === '')
    findings.add('BU-METADATA', metadata.from, 'metadata.name is needed')
  else if ((textAt(metadata, 'labels', roleLabel) ?? '') === '')
    findings.add(
      'BU-METADATA',
      (at(metadata, 'labels') ?? metadata).from,
      `metadata.labels needs ${roleLabel}`,
    )
}

function checkSettings(settings: Branch, { findings }: Expansion): void {
  for (const [name, tree] of settings.members) {
    const isEmpty = tree.kind === 'row' && tree.items.length === 0
    if (name === 'kernelType' && !kernelTypes.includes(textAt(tree) ?? ''))
      findings.add('BU-METADATA', tree.from, 'kernel_type is default or realtime')
    else if (!isEmpty) findings.add('BU-NOT-HERE', tree.from)
  }
}

/** Volumes that name a cipher of their own keep it. */
const withFipsCipher = (config: Branch, fips: Tree): Branch =>
  mapBranches(config, ['storage', 'luks'], (volume) => {
    const options = at(volume, 'options')
    const before = options?.kind === 'row' ? options.items : []
    const hasCipher = before.some((item) => /^(-c|--cipher(=.*)?)$/s.test(textAt(item) ?? ''))
    if (hasCipher) return volume
    const items = [...before, ...fipsCipher.map((word) => grow(word, fips.from))]
    return withMembers(volume, { options: { kind: 'row', items, from: options?.from ?? fips.from } })
  })
