import { addToPool, isOnHyperV, kvpPool, kvpRecord } from '../../outcome/kvp.ts'
import type { Section } from '../../section.ts'
import { quote } from '../../system/quote.ts'

interface PoolRecord {
  /** Absolute on the machine. */
  readonly target: string
  readonly record: Uint8Array
}

/**
 * What Hyper-V's host is to hear of a success, in the pool of the new root: its daemon hands it on, and only a boot that
 * goes on gets there. It is no part of what the config asks for: a failure is only a warning.
 */
export const hostReport: Section<PoolRecord, PoolRecord> = {
  name: 'host-report',
  wanted: ({ mode, outcome }) =>
    mode === 'boot' && outcome?.ways.kvp === true && isOnHyperV(outcome.platform),
  observe: ({ system, sysroot }) => ({
    target: sysroot.resolve(kvpPool),
    record: kvpRecord(system, undefined),
  }),
  plan: (_config, record) => [record],
  describe: ({ target }) => `telling the host in ${quote(target)}`,
  apply({ system, sysroot, written }, { target, record }) {
    try {
      const topmost = sysroot.makeParents(target)
      addToPool(system, target, record)
      written.add(topmost ?? target)
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      system.log('warning', `the host is not told that provisioning is done: ${reason}`)
    }
  },
}
