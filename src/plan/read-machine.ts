import { IgnitionError } from '../errors.ts'
import { type Machine, machineShape } from './machine.ts'
import { misshapeOf } from './shape.ts'

/** Reads what `firstlight inspect` wrote. Throws `FL_MACHINE_UNREADABLE` and says where it is wrong. */
export function readMachine(bytes: Uint8Array, origin: string): Machine {
  const value = parse(bytes, origin)
  const wrong = misshapeOf(machineShape, value)
  if (wrong) throw unreadable(origin, `${wrong.path} ${wrong.problem}`)
  const machine = value as Machine
  const odd = machine.devices.findIndex(({ sectorBytes }) => !isSectorSize(sectorBytes))
  if (odd >= 0) throw unreadable(origin, `$.devices.${odd}.sectorBytes is not a power of two from 512 on`)
  return machine
}

const isSectorSize = (bytes: number) => bytes >= 512 && bytes <= 2 ** 20 && Number.isInteger(Math.log2(bytes))

function parse(bytes: Uint8Array, origin: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw unreadable(origin, bytes.length === 0 ? 'it is empty' : 'it is not JSON', cause)
  }
}

const unreadable = (origin: string, reason: string, cause?: unknown) =>
  new IgnitionError({
    code: 'FL_MACHINE_UNREADABLE',
    message: `cannot take ${origin} for the description of a machine: ${reason}`,
    cause,
  })
