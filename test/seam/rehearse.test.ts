import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseGptTable } from '../../src/block/gpt.ts'
import { isMisfit } from '../../src/sections/disks/misfit.ts'
import { rehearse, usableOf } from '../../src/sections/disks/rehearse.ts'
import { requestsOf } from '../../src/sections/disks/request.ts'
import { type Pretence, parsePretence, pretendOptions } from '../../src/sections/disks/sgdisk.ts'
import type { ConfigPartition } from '../../src/spec/config.ts'
import { configOf, type Sketch } from '../helpers/config-of.ts'
import { diskImage } from '../helpers/image.ts'

const sizeMiB = 64
const sectorBytes = 512
const sizeSectors = (sizeMiB * 1024 * 1024) / sectorBytes

const wanted: fc.Arbitrary<Sketch<ConfigPartition>> = fc.record(
  {
    number: fc.integer({ min: 0, max: 9 }),
    startMiB: fc.constantFrom(0, 1, 5, 17, 40, 63, 80),
    sizeMiB: fc.constantFrom(0, 1, 3, 9, 30, 70),
    wipePartitionEntry: fc.boolean(),
    shouldExist: fc.constantFrom(true, true, true, false),
  },
  { requiredKeys: ['number'] },
)

const wishes = fc.uniqueArray(wanted, {
  minLength: 1,
  maxLength: 4,
  selector: ({ number }) => (number === 0 ? {} : number),
})

/** What sgdisk says, with the words of a refusal that all its versions share. */
function pretended(path: string, requests: ReturnType<typeof requestsOf>, wipeTable: boolean): Pretence {
  const options = pretendOptions(requests, wipeTable)
  if (options.length === 0) return { kind: 'resolved', dimensions: new Map() }
  const { status, stdout, stderr } = spawnSync('sgdisk', [...options, path], { encoding: 'utf8' })
  if (status !== 0)
    return { kind: 'refused', output: /Could not create .*/.exec(stderr)?.[0] ?? stderr + stdout }
  const dimensions = parsePretence(requests, stdout)
  if (!dimensions) throw new Error(`unexpected output of sgdisk: ${stdout}`)
  return { kind: 'resolved', dimensions }
}

/** Writing an image takes far longer than rehearsing on it: a few images, many wishes. */
const tables: readonly (readonly string[])[] = [
  [],
  ['--new=1:2048:+20480', '--new=2:40960:+2048'],
  ['--set-alignment=1', '--new=3:2049:+100', '--new=1:63:+17', '--new=7:50001:+30000'],
  ['--set-alignment=8', '--new=2:4104:+8', '--new=1:100000:+2048', '--new=4:2048:+1'],
  ['--new=9:2048:129024'],
]

test.each(tables.map((options) => ({ options })))(
  'places partitions just where sgdisk does, on a disk made with $options',
  ({ options }) => {
    const path = diskImage(sizeMiB, '--clear', ...options)
    const image = readFileSync(path)
    const table = parseGptTable((offset, length) => image.subarray(offset, offset + length), {
      sectorBytes,
      sizeSectors,
    })
    if (!table) throw new Error('no table')
    fc.assert(
      fc.property(wishes, fc.boolean(), (partitions, wipeTable) => {
        const config = configOf({ storage: { disks: [{ device: '/dev/x', wipeTable, partitions }] } })
        const [disk] = config.storage.disks
        if (!disk) throw new Error('no disk')
        const entries = wipeTable ? [] : table.partitions
        const requests = requestsOf(disk, entries, sectorBytes)
        const usable = wipeTable ? usableOf({ sectorBytes, sizeSectors }) : table.usable
        const said = pretended(path, requests, wipeTable)
        if (said.kind === 'refused') expect(isMisfit(said.output)).toBe(true)
        expect(rehearse({ sectorBytes, sizeSectors, usable, entries, requests })).toEqual(said)
      }),
      { numRuns: 60 },
    )
  },
)
