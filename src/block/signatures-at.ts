import type { System } from '../system/system.ts'
import { isThere } from './require.ts'
import type { Signature } from './signatures.ts'

/** Bytes of a disk, those of a partition that may not be there yet. */
export interface Extent {
  readonly disk: string
  readonly startBytes: number
  readonly sizeBytes: number
}

/** Exit codes of blkid(8): found, nothing there, more than one thing there. */
const nothing = 2
const several = 8

/**
 * What is on the bytes of a disk that are to become a partition: a table that is written leaves them as they are.
 * Undefined when that cannot be told.
 */
export async function signaturesAt(
  system: System,
  { disk, startBytes, sizeBytes }: Extent,
): Promise<readonly Signature[] | undefined> {
  if (!isThere(system, 'blkid')) return undefined
  const range = ['--offset', String(startBytes), '--size', String(sizeBytes)]
  const { exitCode, stdout } = await system.run('blkid', ['--probe', ...range, '--output', 'export', disk], {
    accept: [0, nothing, several],
  })
  if (exitCode === several) return undefined
  return exitCode === nothing ? [] : parseExport(stdout)
}

/** Lines of `KEY=value`, unsafe characters behind a backslash. A partition table has keys of its own. */
function parseExport(text: string): readonly Signature[] {
  const values = new Map(
    text.split('\n').map((line) => {
      const [, key = '', value = ''] = /^([A-Z_]+)=(.*)$/.exec(line) ?? []
      return [key, value.replaceAll(/\\(.)/g, '$1')] as const
    }),
  )
  const value = (key: string) => values.get(key) ?? ''
  if (values.has('TYPE'))
    return [{ type: value('TYPE'), usage: value('USAGE'), uuid: value('UUID'), label: value('LABEL') }]
  if (values.has('PTTYPE'))
    return [{ type: value('PTTYPE'), usage: 'partition-table', uuid: value('PTUUID'), label: '' }]
  return []
}
