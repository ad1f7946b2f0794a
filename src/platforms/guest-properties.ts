import { IgnitionError } from '../errors.ts'
import type { Device, Hypervisor } from '../system/hypervisor-calls.ts'

/** Guest properties of VirtualBox: values by name, kept by the host. */
export interface GuestProperties {
  /** Undefined when it is not set. */
  get(name: string): Uint8Array | undefined
  /** Nothing happens when it is not set. */
  delete(name: string): void
  close(): void
}

/** `linux/vbox_vmmdev_types.h` and `linux/vboxguest.h`. */
const device = '/dev/vboxguest'
const service = 'VBoxGuestPropSvc'
const headerBytes = 24
const headerVersion = 0x10001
const interfaceVersion = 0x10000
const VERSION = 0xc02c5600
const CONNECT = 0xc09c5604
const DISCONNECT = 0xc01c5605
const call = (bytes: number) => (0xc0005607 | (bytes << 16)) >>> 0
const offsets = { sizeIn: 0, version: 4, result: 12, sizeOut: 16, body: 24, parameters: 40 }
const LOCALHOST_EXISTING = 2

const GET = 1
const DELETE = 4

/** Results: `VBox/err.h`. */
const OVERFLOW = -41
const NOT_FOUND = -78
const PERMISSION = -10

/** A parameter of a call: a number, bytes that the host reads, or bytes that it fills in. */
type Parameter =
  | { readonly kind: 'long' | 'int' }
  | { readonly kind: 'in' | 'out'; readonly bytes: Uint8Array }
const parameterTypes = { int: 1, long: 2, out: 4, in: 5 } as const
const parameterBytes = 16

/** Opens the service. Throws `FL_CONFIG_UNREADABLE` when the machine is none of VirtualBox's. */
export function openGuestProperties(hypervisor: Hypervisor): GuestProperties {
  const driver = open(hypervisor)
  try {
    const version = structure({ sizeIn: 40, sizeOut: 44 })
    for (const offset of [0, 4]) version.setUint32(offsets.body + offset, interfaceVersion, true)
    succeed(control(driver, VERSION, version), 'asking for the version of')
    const connection = structure({ sizeIn: 156, sizeOut: 28 })
    connection.setUint32(offsets.body, LOCALHOST_EXISTING, true)
    Buffer.from(connection.buffer).write(service, offsets.body + 4)
    succeed(control(driver, CONNECT, connection), 'connecting to')
    const client = connection.getUint32(offsets.body, true)
    const connected: Service = { hypervisor, driver, client, held: [] }
    const invoke = (what: number, parameters: readonly Parameter[]) =>
      invokeService(connected, what, parameters)
    return {
      get: (name) => getProperty(name, invoke),
      delete: (name) => deleteProperty(name, invoke),
      close() {
        const end = structure({ sizeIn: 28, sizeOut: 24 })
        end.setUint32(offsets.body, client, true)
        try {
          succeed(control(driver, DISCONNECT, end), 'disconnecting from')
        } finally {
          driver.close()
        }
      },
    }
  } catch (error) {
    driver.close()
    throw error
  }
}

const failure = (what: string, cause?: unknown) =>
  new IgnitionError({
    code: 'FL_CONFIG_UNREADABLE',
    message: `${what}${cause instanceof Error ? `: ${cause.message}` : ''}`,
    cause,
  })

function open(hypervisor: Hypervisor): Device {
  try {
    return hypervisor.openDevice(device)
  } catch (cause) {
    throw failure(
      `cannot open "${device}"; the kernel module vboxguest brings it on a machine of VirtualBox`,
      cause,
    )
  }
}

/** A structure with its header filled in; it is as long as the longer of the two directions. */
function structure({ sizeIn, sizeOut }: { readonly sizeIn: number; readonly sizeOut: number }): DataView {
  const view = new DataView(new ArrayBuffer(Math.max(sizeIn, sizeOut, headerBytes)))
  view.setUint32(offsets.sizeIn, sizeIn, true)
  view.setUint32(offsets.version, headerVersion, true)
  view.setUint32(offsets.sizeOut, sizeOut, true)
  return view
}

/** The result that the driver, or the host, answers. */
function control(driver: Device, request: number, view: DataView): number {
  try {
    driver.control(request, new Uint8Array(view.buffer))
  } catch (cause) {
    throw failure('cannot ask VirtualBox for guest properties', cause)
  }
  return view.getInt32(offsets.result, true)
}

function succeed(result: number, what: string): void {
  if (result < 0) throw failure(`${what} the guest properties of VirtualBox failed with ${result}`)
}

type Invoke = (
  what: number,
  parameters: readonly Parameter[],
) => { readonly result: number; readonly answer: DataView }

interface Service {
  readonly hypervisor: Hypervisor
  readonly driver: Device
  readonly client: number
  /** What a call points to: nobody else holds it while the driver works, and memory that nobody holds is given away. */
  held: readonly Parameter[]
}

function invokeService(service: Service, what: number, parameters: readonly Parameter[]): ReturnType<Invoke> {
  const { hypervisor, driver, client } = service
  service.held = parameters
  const bytes = offsets.parameters + parameters.length * parameterBytes
  const view = structure({ sizeIn: bytes, sizeOut: bytes })
  view.setUint32(offsets.body, client, true)
  view.setUint32(offsets.body + 4, what, true)
  // no time-out, may be interrupted
  view.setUint32(offsets.body + 8, 0xffffffff, true)
  view.setUint8(offsets.body + 12, 1)
  view.setUint16(offsets.body + 14, parameters.length, true)
  for (const [index, parameter] of parameters.entries()) {
    const start = offsets.parameters + index * parameterBytes
    view.setUint32(start, parameterTypes[parameter.kind], true)
    if (!('bytes' in parameter)) continue
    view.setUint32(start + 4, parameter.bytes.length, true)
    view.setBigUint64(start + 8, hypervisor.addressOf(parameter.bytes), true)
  }
  return { result: control(driver, call(bytes), view), answer: view }
}

const nameBytes = (name: string): Parameter => ({ kind: 'in', bytes: Buffer.from(`${name}\0`) })

/** The host says how much room a value needs when it does not fit, so it is asked twice. */
function getProperty(name: string, invoke: Invoke): Uint8Array | undefined {
  let room = new Uint8Array(1)
  for (const attempt of [1, 2]) {
    const parameters: Parameter[] = [
      nameBytes(name),
      { kind: 'out', bytes: room },
      { kind: 'long' },
      { kind: 'int' },
    ]
    const { result, answer } = invoke(GET, parameters)
    if (result === NOT_FOUND) return undefined
    const needed = answer.getUint32(offsets.parameters + 3 * parameterBytes + 4, true)
    if (attempt === 1 && (result === 0 || result === OVERFLOW)) room = new Uint8Array(needed)
    else if (result !== 0) throw failure(`reading guest property "${name}" failed with ${result}`)
  }
  // value NUL flags NUL
  const end = room.indexOf(0)
  if (end < 0) throw failure(`guest property "${name}" does not end`)
  return room.subarray(0, end)
}

function deleteProperty(name: string, invoke: Invoke): void {
  const { result } = invoke(DELETE, [nameBytes(name)])
  if (result === 0 || result === NOT_FOUND) return
  const hint = result === PERMISSION ? ': permission denied; is the property read-only?' : ''
  throw failure(`deleting guest property "${name}" failed with ${result}${hint}`)
}
