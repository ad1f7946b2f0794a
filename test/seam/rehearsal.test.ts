import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parseGpt } from '../../src/block/gpt.ts'
import { type DiskFacts, planDisks } from '../../src/sections/disks/plan.ts'
import { requestsOf } from '../../src/sections/disks/request.ts'
import { parsePretence, pretendOptions } from '../../src/sections/disks/sgdisk.ts'
import type { ConfigDisk } from '../../src/spec/config.ts'
import { configOf, type Sketch } from '../helpers/config-of.ts'
import { diskImage, sgdisk } from '../helpers/image.ts'

/** Rehearses, plans and writes a config on an image, as the section does on a disk; the options that were written. */
function provision(path: string, sketch: Sketch<ConfigDisk>): readonly string[] {
  const config = configOf({ storage: { disks: [{ device: '/dev/x', ...sketch }] } })
  const [disk] = config.storage.disks
  if (!disk) throw new Error('no disk')
  const entries = tableOf(path)
  const requests = requestsOf(disk, disk.wipeTable === true ? [] : entries, 512)
  const options = pretendOptions(requests, disk.wipeTable === true)
  const dimensions = parsePretence(requests, sgdisk(path, ...options))
  if (!dimensions) throw new Error('sgdisk had unexpected output')
  const facts: DiskFacts = {
    disk,
    node: '/dev/x',
    sectorBytes: 512,
    sizeSectors: readFileSync(path).length / 512,
    table: { kind: 'gpt', partitions: entries },
    use: undefined,
    kernel: new Map(entries.map(({ number, start, size }) => [number, { start, size, use: undefined }])),
    pretence: { kind: 'resolved', dimensions },
  }
  const [step] = planDisks([facts])
  if (step?.wipeTable) sgdisk(path, '--zap-all')
  if (step) sgdisk(path, ...step.options)
  return step?.options ?? []
}

function tableOf(path: string) {
  const image = readFileSync(path)
  return (
    parseGpt((offset, length) => image.subarray(offset, offset + length), {
      sectorBytes: 512,
      sizeSectors: image.length / 512,
    }) ?? []
  )
}

const places = (path: string) =>
  tableOf(path).map(({ number, label, start, size }) => [number, label, start / 2048, size / 2048])

test('number 0 gets the free slots, and the same config again adds nothing', () => {
  const path = diskImage(64, '--new=2:2048:+2048', '--change-name=2:old')
  const disk = {
    partitions: [
      { number: 0, label: 'a', sizeMiB: 4 },
      { number: 1, label: 'one', sizeMiB: 4 },
      { number: 0, label: 'b', sizeMiB: 8 },
    ],
  }
  expect(provision(path, disk)).toHaveLength(6)
  expect(places(path)).toEqual([
    [1, 'one', 2, 4],
    [2, 'old', 1, 1],
    [3, 'a', 6, 4],
    [4, 'b', 10, 8],
  ])
  expect(provision(path, disk)).toEqual([])
})

test('a partition that fills the disk is found again, and grows when it may', () => {
  const path = diskImage(64)
  const disk = { partitions: [{ number: 1, label: 'root', resize: true, startMiB: 1, sizeMiB: 0 }] }
  sgdisk(path, '--new=1:2048:+2048', '--change-name=1:root')
  provision(path, disk)
  expect(tableOf(path)[0]?.size).toBe(64 * 2048 - 2048 - 33)
  expect(provision(path, disk)).toEqual([])
})

test('a partition that is to be wiped stays where it is when it has all that the config names', () => {
  const path = diskImage(64, '--new=1:20480:+2048', '--change-name=1:data')
  const partition = { number: 1, label: 'data', wipePartitionEntry: true }
  expect(provision(path, { partitions: [partition] })).toEqual([])
  expect(provision(path, { partitions: [{ ...partition, sizeMiB: 2 }] })).not.toEqual([])
  expect(places(path)).toEqual([[1, 'data', 1, 2]])
})

test('a slot that is emptied is filled by number 0 in the same call', () => {
  const path = diskImage(64, '--new=1:2048:+2048', '--change-name=1:old')
  const disk = {
    partitions: [
      { number: 1, shouldExist: false, wipePartitionEntry: true },
      { number: 0, label: 'new', sizeMiB: 8 },
    ],
  }
  provision(path, disk)
  expect(places(path)).toEqual([[1, 'new', 1, 8]])
})

test('a new table on one that was', () => {
  const path = diskImage(64, '--new=3:2048:+2048')
  provision(path, { wipeTable: true, partitions: [{ number: 1, label: 'x', sizeMiB: 3 }] })
  expect(places(path)).toEqual([[1, 'x', 1, 3]])
})
