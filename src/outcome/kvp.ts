import { makeParents } from '../state-file.ts'
import type { System } from '../system/system.ts'
import { firstlightVersion } from '../version.ts'
import type { Failure } from './failure.ts'

/** The pool of what the guest has to say: hv_kvp_daemon of the kernel's tools hands it to the host. */
export const kvpPool = '/var/lib/hyperv/.kvp_pool_1'

/** Sizes of a record's parts, filled with NUL: `linux/hyperv.h`, HV_KVP_EXCHANGE_MAX_*. */
const keyBytes = 512
const valueBytes = 2048

/** What Azure reads of a value, without the NUL at its end. */
const longestValue = 1023

/** Platforms whose host reads the pool. */
export const isOnHyperV = (platform: string): boolean => platform === 'azure' || platform === 'hyperv'

/** The record in the words that Azure takes from every provisioning agent. */
export function kvpRecord(system: System, failure: Failure | undefined): Buffer {
  const id = machineId(system)
  const parts = [
    ...(failure === undefined
      ? ['result=success']
      : ['result=error', `reason=${failure.code}: ${failure.causes.join(': ')}`]),
    `agent=Firstlight/${firstlightVersion}`,
    'pps_type=None',
    ...(id === undefined ? [] : [`vm_id=${id}`]),
    `timestamp=${system.now().toISOString()}`,
  ]
  const record = Buffer.alloc(keyBytes + valueBytes)
  record.write('PROVISIONING_REPORT')
  record.write(fitting(parts), keyBytes, longestValue)
  return record
}

/** The reason is what can be shortened. */
function fitting(parts: readonly string[]): string {
  const whole = parts.map(quoted).join('|')
  const excess = Buffer.byteLength(whole) - longestValue
  if (excess <= 0) return whole
  return parts
    .map((part) => (part.startsWith('reason=') ? part.slice(0, Math.max(7, part.length - excess - 8)) : part))
    .map(quoted)
    .join('|')
}

const quoted = (part: string): string => {
  const line = part.replaceAll(/[\r\n]+/g, ' ')
  return /[|']/.test(line) ? `'${line.replaceAll("'", "''")}'` : line
}

/** The id that Azure knows the machine by. Without UEFI the first three fields of the firmware's are turned around. */
function machineId({ files }: System): string | undefined {
  const path = '/sys/class/dmi/id/product_uuid'
  if (files.stat(path) === undefined) return undefined
  const id = files.readText(path).trim().toLowerCase()
  if (files.stat('/sys/firmware/efi') !== undefined) return id
  const turned = (field: string) => Buffer.from(field, 'hex').reverse().toString('hex')
  return id
    .split('-')
    .map((field, index) => (index < 3 ? turned(field) : field))
    .join('-')
}

/** Adds the record to a pool, which may not be there yet. */
export function addToPool(system: System, path: string, record: Uint8Array): void {
  const { files } = system
  makeParents(system, path, 0o755)
  if (files.lstat(path) === undefined) files.write(path, record, { mode: 0o644, uid: 0, gid: 0 })
  else files.append(path, record)
}
