import { IgnitionError } from '../errors.ts'
import { quote } from '../system/quote.ts'
import type { System } from '../system/system.ts'

/** One thing that a device is known to hold. */
export interface Signature {
  /** libblkid's name: `ext4`, `crypto_LUKS`, `linux_raid_member`, `gpt`. */
  readonly type: string
  /** `partition-table`, `filesystem`, `raid`, `crypto`, `other`. */
  readonly usage: string
  readonly uuid: string
  readonly label: string
}

/** Everything that libblkid recognises on a device, in its order of preference. */
export async function readSignatures(system: System, node: string): Promise<readonly Signature[]> {
  const { stdout } = await system.run('wipefs', ['-J', '-O', 'TYPE,USAGE,UUID,LABEL', node])
  return parseSignatures(stdout, node)
}

/** Reads the JSON of wipefs(8); older ones print nothing for a blank device. Throws `FL_PROGRAM`. */
export function parseSignatures(json: string, node: string): readonly Signature[] {
  if (json.trim() === '') return []
  try {
    const { signatures } = JSON.parse(json) as {
      readonly signatures: readonly Readonly<Record<string, string | null>>[]
    }
    return signatures.map(({ type, usage, uuid, label }) => ({
      type: type ?? '',
      usage: usage ?? '',
      uuid: uuid ?? '',
      label: label ?? '',
    }))
  } catch (cause) {
    throw new IgnitionError({
      code: 'FL_PROGRAM',
      message: `wipefs gave an answer about ${quote(node)} that is not understood: ${quote(json.slice(0, 200))}`,
      cause,
    })
  }
}
