import { closeSync, openSync, readFileSync, writeSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import { expect, test } from 'vitest'
import { parseGpt } from '../../src/block/gpt.ts'
import { diskImage } from '../helpers/image.ts'

const guid = '11111111-2222-3333-4444-555555555555'
const options = [
  '--new=1:2048:+20480',
  `--partition-guid=1:${guid}`,
  '--typecode=1:C12A7328-F81F-11D2-BA4B-00A0C93EC93B',
  '--change-name=1:grüße €',
  '--new=5:40960:+2048',
]

/** Reads the table of an image after some of its bytes were overwritten. */
function tableOf(path: string, ...damaged: readonly number[]) {
  const descriptor = openSync(path, 'r+')
  for (const offset of damaged) writeSync(descriptor, 'X', offset)
  closeSync(descriptor)
  const image = readFileSync(path)
  return parseGpt((offset, length) => image.subarray(offset, offset + length), {
    sectorBytes: 512,
    sizeSectors: image.length / 512,
  })
}

const megabyte = 1024 * 1024

test('reads what sgdisk writes', () => {
  expect(tableOf(diskImage(32, ...options))).toEqual([
    {
      number: 1,
      label: 'grüße €',
      guid,
      typeGuid: 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B',
      start: 2048,
      size: 20480,
    },
    {
      number: 5,
      label: expect.any(String),
      guid: expect.stringMatching(/^[0-9A-F-]{36}$/),
      typeGuid: '0FC63DAF-8483-4772-8E79-3D69D8477DE4',
      start: 40960,
      size: 2048,
    },
  ])
})

test.each([
  ['header', 520],
  ['table', 1030],
])('takes the backup when the %s is damaged', (_what, offset) => {
  expect(tableOf(diskImage(32, ...options), offset)).toHaveLength(2)
})

test('finds nothing when both are damaged, or nothing is there', () => {
  expect(tableOf(diskImage(32, ...options), 1030, 32 * megabyte - 33 * 512 + 8)).toBeUndefined()
  expect(tableOf(diskImage(32, ...options), 520, 32 * megabyte - 512 + 8)).toBeUndefined()
  expect(tableOf(diskImage(32))).toBeUndefined()
})

test('a header whose table is nowhere on the disk is damaged, and no reason to look there', () => {
  const image = readFileSync(diskImage(32, ...options))
  const headerBytes = image.readUInt32LE(512 + 12)
  const header = image.subarray(512, 512 + headerBytes)
  header.writeBigUInt64LE(2n ** 62n, 72)
  header.writeUInt32LE(0, 16)
  header.writeUInt32LE(crc32(header), 16)
  const offsets: number[] = []
  const read = (offset: number, length: number) => {
    offsets.push(offset)
    return image.subarray(offset, offset + length)
  }
  expect(parseGpt(read, { sectorBytes: 512, sizeSectors: image.length / 512 })).toHaveLength(2)
  expect(Math.max(...offsets)).toBeLessThan(image.length)
})

test('an empty table is a table', () => {
  expect(tableOf(diskImage(32, '--clear'))).toEqual([])
})
