import { firstlightArguments } from '../firstlight-arguments.ts'
import type { System } from '../system/system.ts'

/** What the kernel command line says about the proof. */
export interface ProofSwitches {
  /** Off is the reference's order: everything is found out when its turn comes. */
  readonly isOn: boolean
  /** Bytes that may be staged; undefined leaves it to the machine's memory. */
  readonly stagingLimitBytes: number | undefined
  /** What becomes of contents that do not fit: fetched when their turn comes, or an error. */
  readonly stagingFull: 'unproven' | 'fail'
}

/** Reads `firstlight.proof`, `firstlight.staging_limit` and `firstlight.staging_full`. A value that is not understood says nothing. */
export function proofSwitches(system: System): ProofSwitches {
  const given = firstlightArguments(system)
  const read = <Value>(name: string, meaning: (text: string) => Value | undefined): Value | undefined => {
    const text = given.get(name)
    if (text === undefined) return undefined
    const value = meaning(text)
    if (value === undefined)
      system.log('warning', `kernel argument "firstlight.${name}" is not understood and ignored: ${text}`)
    return value
  }
  return {
    isOn: read('proof', (text) => words[text]) ?? true,
    stagingLimitBytes: read('staging_limit', parseSize),
    stagingFull: read('staging_full', (text) => ways[text]) ?? 'unproven',
  }
}

const words: Readonly<Record<string, boolean>> = {
  on: true,
  yes: true,
  '1': true,
  off: false,
  no: false,
  '0': false,
}

const ways: Readonly<Record<string, ProofSwitches['stagingFull']>> = { unproven: 'unproven', fail: 'fail' }

const units: Readonly<Record<string, number>> = { '': 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 }

/** As the kernel's own `mem=`: `512M`. */
function parseSize(text: string): number | undefined {
  const [, digits, unit = ''] = /^(\d+)([kmgt]?)$/i.exec(text) ?? []
  const factor = units[unit.toLowerCase()]
  return digits === undefined || factor === undefined ? undefined : Number(digits) * factor
}
