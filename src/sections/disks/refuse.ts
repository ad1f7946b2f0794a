import { IgnitionError } from '../../errors.ts'
import type { ConfigDisk } from '../../spec/config.ts'
import type { DiskFacts } from './plan.ts'

/** Throws `FL_DEVICE_OCCUPIED` for what is no partition table of the kind, unless it may be wiped. */
export function refuseForeign({ device, wipeTable }: ConfigDisk, { table }: DiskFacts): void {
  if (wipeTable === true || table.kind === 'blank' || table.kind === 'gpt') return
  throw new IgnitionError({
    code: 'FL_DEVICE_OCCUPIED',
    message:
      table.kind === 'foreign'
        ? `disk ${JSON.stringify(device)} does not have a GPT but ${table.what}; set wipeTable to replace it`
        : `disk ${JSON.stringify(device)} has no partition table but holds ${table.what} as a whole; set wipeTable to replace it`,
  })
}

/** Throws `FL_DEVICE_BUSY` for a disk in use, or one of whose partitions is that would go with the table. */
export function refuseInUse({ device, wipeTable }: ConfigDisk, { use, kernel }: DiskFacts): void {
  const disk = JSON.stringify(device)
  const active = [...kernel].find(([, view]) => view.use !== undefined)
  if (use !== undefined && (!active || wipeTable === true))
    throw busy(`refusing to operate on directly active disk ${disk}: it is ${use}`)
  if (active && wipeTable === true)
    throw busy(`refusing to wipe active disk ${disk}: its partition ${active[0]} is ${active[1].use}`)
}

/** Throws `FL_DEVICE_BUSY` for a partition in use that would change. */
export function refuseActive({ device }: ConfigDisk, number: number, { kernel }: DiskFacts): void {
  const use = kernel.get(number)?.use
  if (use !== undefined)
    throw busy(`refusing to modify active partition ${number} on ${JSON.stringify(device)}: it is ${use}`)
}

const busy = (message: string) => new IgnitionError({ code: 'FL_DEVICE_BUSY', message })

/** The error for a partition that is another than the config wants, and may not be changed. */
export const mismatch = ({ device }: ConfigDisk, number: number, reason: string) =>
  new IgnitionError({
    code: 'FL_PARTITION_MISMATCH',
    message: `partition ${number} of ${JSON.stringify(device)} ${reason}`,
  })
