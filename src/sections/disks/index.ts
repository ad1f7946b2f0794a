import { aliasOf } from '../../block/alias.ts'
import type { Section } from '../../section.ts'
import { pathOfDevice } from '../../spec/place.ts'
import { quote } from '../../system/quote.ts'
import { applyDisk } from './apply.ts'
import { claimOf, observeDisks } from './observe.ts'
import { type DiskFacts, type DiskStep, planDisks } from './plan.ts'

/** Partition tables and partitions. */
export const disks: Section<readonly DiskFacts[], DiskStep> = {
  name: 'disks',
  wanted: ({ config, mode }) => mode === 'boot' && config.storage.disks.length > 0,
  observe: observeDisks,
  plan: (_config, facts) => planDisks(facts),
  describe: ({ device }) => `partitioning ${quote(aliasOf(device))}`,
  claims: ({ system }, { node, replacesTable }) =>
    replacesTable ? [{ name: claimOf(system.files, node) }] : [],
  logPrefix: () => 'createPartitions',
  about: ({ device }, config) => pathOfDevice(config, device),
  apply: applyDisk,
}
