import { IgnitionError } from '../errors.ts'
import type { System } from '../system/system.ts'
import { decodeBase64, gunzip } from './decode.ts'
import { parseOvfProperties, removeOvfProperties } from './ovf.ts'
import type { Answer } from './source.ts'
import { openRpc, type Rpc } from './vmware-rpc.ts'

const names = {
  environment: 'guestinfo.ovfenv',
  data: 'guestinfo.ignition.config.data',
  encoding: 'guestinfo.ignition.config.data.encoding',
}

/** Encodings of the data, by the names that are in use. */
const encodings: Readonly<Record<string, { readonly base64: boolean; readonly gzip: boolean }>> = {
  '': { base64: false, gzip: false },
  b64: { base64: true, gzip: false },
  base64: { base64: true, gzip: false },
  gz: { base64: false, gzip: true },
  gzip: { base64: false, gzip: true },
  'gz+b64': { base64: true, gzip: true },
  'gz+base64': { base64: true, gzip: true },
  'gzip+b64': { base64: true, gzip: true },
  'gzip+base64': { base64: true, gzip: true },
}

/** `{}` and a line break: what a deleted config is replaced by, since guest variables cannot be removed. */
const deleted = 'e30K'

/** Reads the config from guest variables; from properties of the OVF environment what is not among them. */
export async function readFromVmware(system: System, platform: string): Promise<Answer> {
  const rpc = openRpc(await system.openHypervisor())
  if (rpc === undefined) return { kind: 'absent' }
  const properties = ovfProperties(system, rpc)
  const valueFor = (name: string): Uint8Array => {
    const value = getVariable(rpc, name)
    return value !== undefined && value.length > 0 ? value : Buffer.from(properties.get(name) ?? '')
  }
  const data = valueFor(names.data)
  const encoding = textOf(valueFor(names.encoding))
  if (data.length === 0)
    return { kind: 'empty', reason: `guest variable "${names.data}" is not set, nor is the OVF property` }
  const bytes = await decode(data, encoding)
  return { kind: 'found', bytes, source: platform, place: `guest variable "${names.data}"` }
}

const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

/** An environment that cannot be read has no properties: the variables may have everything. */
function ovfProperties(system: System, rpc: Rpc): ReadonlyMap<string, string> {
  try {
    const environment = textOf(getVariable(rpc, names.environment) ?? new Uint8Array())
    return environment === '' ? new Map() : parseOvfProperties(environment)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    system.log('warning', `the OVF environment cannot be read and counts as empty: ${reason}`)
    return new Map()
  }
}

async function decode(data: Uint8Array, encoding: string): Promise<Uint8Array> {
  const steps = Object.hasOwn(encodings, encoding) ? encodings[encoding] : undefined
  if (steps === undefined)
    throw new IgnitionError({
      code: 'FL_CONFIG_UNREADABLE',
      message: `guest variable "${names.encoding}" is "${encoding}"; there are ${Object.keys(encodings).slice(1).join(', ')}`,
    })
  const what = `guest variable "${names.data}"`
  const bytes = steps.base64 ? decodeBase64(data, what) : data
  return steps.gzip ? gunzip(bytes, what) : bytes
}

/** Undefined when it is not set. */
function getVariable(rpc: Rpc, name: string): Uint8Array | undefined {
  const reply = rpc(Buffer.from(`info-get ${name}`))
  const verdict = textOf(reply.subarray(0, 2))
  if (verdict === '1 ') return reply.subarray(2)
  if (verdict === '0 ' || textOf(reply) === '0') return undefined
  throw new IgnitionError({
    code: 'FL_CONFIG_UNREADABLE',
    message: `VMware answers the question for guest variable "${name}" with something else than its value`,
  })
}

const setVariable = (rpc: Rpc, name: string, value: string) =>
  void rpc(Buffer.from(`info-set ${name} ${value}`))

/** Overwrites the config in the guest variables, and takes it out of the OVF environment. */
export async function deleteFromVmware(system: System): Promise<void> {
  const rpc = openRpc(await system.openHypervisor())
  if (rpc === undefined)
    throw new IgnitionError({ code: 'FL_NO_PROVIDER', message: 'this is not a machine of VMware' })
  const valueFor = (name: string, otherwise: string) =>
    textOf(getVariable(rpc, name) ?? Buffer.from(otherwise))
  if (valueFor(names.data, deleted) !== deleted) {
    setVariable(rpc, names.data, deleted)
    if (valueFor(names.encoding, '') !== 'base64') setVariable(rpc, names.encoding, 'base64')
  }
  const environment = valueFor(names.environment, '')
  if (environment === '') return
  const kept = removeOvfProperties(environment, [names.data, names.encoding])
  if (kept !== environment) setVariable(rpc, names.environment, kept)
}
