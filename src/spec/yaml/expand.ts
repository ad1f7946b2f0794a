import { configField } from '../config.ts'
import { adviseOnModes, adviseOnPartitions } from './advice.ts'
import { findBans } from './bans.ts'
import { setUpBootDevice } from './boot-device.ts'
import type { Budget } from './budget.ts'
import { embedContents, embedKeys, embedUnits } from './contents.ts'
import type { EmbeddedConfig, Expansion } from './expansion.ts'
import type { Findings } from './findings.ts'
import { addGrubUsers } from './grub.ts'
import { addMountUnits } from './mount-units.ts'
import type { YamlMap } from './node.ts'
import { dropMachineConfig } from './openshift.ts'
import { addQuadlets } from './quadlets.ts'
import { readTree } from './read.ts'
import { at, type Branch, grow, withMembers } from './tree.ts'
import { embedTrees } from './trees.ts'
import type { Variant } from './variants.ts'

/** What the desk has and a booting machine has not. */
export type ExpandSettings = Pick<Expansion, 'local' | 'gzip'>

interface Task extends ExpandSettings {
  readonly variant: Variant
  readonly budget: Budget
  readonly findings: Findings
}

/** An Ignition config, every value of which knows where it comes from. */
export interface Expanded {
  readonly tree: Branch
  readonly configs: readonly EmbeddedConfig[]
}

type Step = (config: Branch, expansion: Expansion) => Branch

/** In this order: what is made later goes below what is there. */
const steps: readonly Step[] = [
  embedContents,
  embedKeys,
  embedUnits,
  addMountUnits,
  embedTrees,
  addQuadlets,
  setUpBootDevice,
  addGrubUsers,
  dropMachineConfig,
]

/** Turns a YAML document into an Ignition config; undefined when that makes no sense, the findings say why. */
export function expand(root: YamlMap, task: Task): Expanded | undefined {
  const { variant, findings, local, gzip } = task
  const read = readTree(root, configField, task)
  if (findings.fatal) return undefined
  const configs: EmbeddedConfig[] = []
  const expansion = { variant, findings, configs, local, gzip }
  adviseOnModes(read, expansion)
  let config = read
  for (const step of steps) config = step(config, expansion)
  adviseOnPartitions(config, expansion)
  findBans(config, expansion)
  const from = { path: ['version'], offset: root.members.get('version')?.value.offset ?? 0 }
  const before = at(config, 'ignition')
  const ignition = before?.kind === 'branch' ? before : grow({}, from)
  const version = grow(variant.spec, from)
  return { tree: withMembers(config, { ignition: withMembers(ignition, { version }) }), configs }
}
