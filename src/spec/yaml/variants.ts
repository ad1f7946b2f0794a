import type { Version } from '../versions.ts'

/** What a `variant:` may be. */
export type VariantName = 'fcos' | 'flatcar' | 'openshift' | 'r4e' | 'fiot'

/** One version of one variant. */
export interface Variant {
  readonly name: VariantName
  readonly version: string
  /** Version of the Ignition spec that it expands to. */
  readonly spec: Version
  /** The minor number of the `fcos` version that has the same sugar. */
  readonly level: number
}

type Row = readonly [version: string, spec: Version, level: number]

const rows = (name: VariantName, ...list: readonly Row[]): readonly Variant[] =>
  list.map(([version, spec, level]) => ({ name, version, spec, level }))

/** Every published version, oldest first: <https://coreos.github.io/butane/specs/>. */
export const variants: readonly Variant[] = [
  ...rows(
    'fcos',
    ['1.0.0', '3.0.0', 0],
    ['1.1.0', '3.1.0', 1],
    ['1.2.0', '3.2.0', 2],
    ['1.3.0', '3.2.0', 3],
    ['1.4.0', '3.3.0', 4],
    ['1.5.0', '3.4.0', 5],
    ['1.6.0', '3.5.0', 6],
    ['1.7.0', '3.6.0', 7],
    ['1.8.0-experimental', '3.7.0-experimental', 8],
  ),
  ...rows(
    'flatcar',
    ['1.0.0', '3.3.0', 4],
    ['1.1.0', '3.4.0', 5],
    ['1.2.0-experimental', '3.7.0-experimental', 8],
  ),
  ...rows(
    'openshift',
    ['4.8.0', '3.2.0', 3],
    ['4.9.0', '3.2.0', 3],
    ['4.10.0', '3.2.0', 3],
    ['4.11.0', '3.2.0', 3],
    ['4.12.0', '3.2.0', 3],
    ['4.13.0', '3.2.0', 3],
    ['4.14.0', '3.4.0', 5],
    ['4.15.0', '3.4.0', 5],
    ['4.16.0', '3.4.0', 5],
    ['4.17.0', '3.4.0', 5],
    ['4.18.0', '3.4.0', 5],
    ['4.19.0', '3.5.0', 6],
    ['4.20.0', '3.5.0', 6],
    ['4.21.0', '3.5.0', 6],
    ['4.22.0', '3.5.0', 6],
    ['4.23.0-experimental', '3.7.0-experimental', 8],
    ['5.0.0', '3.5.0', 6],
    ['5.1.0-experimental', '3.7.0-experimental', 8],
  ),
  ...rows(
    'r4e',
    ['1.0.0', '3.3.0', 4],
    ['1.1.0', '3.4.0', 5],
    ['1.2.0-experimental', '3.7.0-experimental', 8],
  ),
  ...rows('fiot', ['1.0.0', '3.4.0', 5], ['1.1.0-experimental', '3.7.0-experimental', 8]),
]

/** The versions that a variant has; none when there is no such variant. */
export const versionsOf = (name: string): readonly Variant[] => variants.filter((row) => row.name === name)

/** Whether a version looks after partitions and mount points as CoreOS systems need them. */
export const minds = ({ name, level }: Variant): boolean =>
  name === 'fcos' ? level >= 6 : name === 'openshift' && level >= 5

/** Whether a version is between two others, both included. */
export function isWithin(variant: Variant, from: string, to: string): boolean {
  const order = versionsOf(variant.name).map(({ version }) => version)
  const at = order.indexOf(variant.version)
  return at >= order.indexOf(from) && at <= order.indexOf(to)
}
