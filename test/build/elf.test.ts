import { expect, test } from 'vitest'
import { apartFromHugePages, withoutSections } from '../../build/elf.ts'

const headerSize = 64
const programHeaderSize = 56

/** An ELF64 image with one segment of `segmentSize` bytes after its headers, and a section table behind it. */
function imageWith(segmentSize: number): Buffer {
  const segmentAt = headerSize + programHeaderSize
  const sectionsAt = segmentAt + segmentSize
  const image = Buffer.alloc(sectionsAt + 128, 0xaa)
  image.write('\x7fELF\x02\x01', 'latin1')
  image.writeBigUInt64LE(BigInt(headerSize), 32)
  image.writeBigUInt64LE(BigInt(sectionsAt), 40)
  image.writeUInt16LE(programHeaderSize, 54)
  image.writeUInt16LE(1, 56)
  image.writeUInt16LE(64, 58)
  image.writeUInt16LE(2, 60)
  image.writeUInt16LE(1, 62)
  image.writeBigUInt64LE(BigInt(segmentAt), headerSize + 8)
  image.writeBigUInt64LE(BigInt(segmentSize), headerSize + 32)
  return image
}

test('ends with the last segment and names no sections', () => {
  const image = imageWith(1000)
  const cut = withoutSections(image)
  expect(cut.length).toBe(headerSize + programHeaderSize + 1000)
  expect(cut.readBigUInt64LE(40)).toBe(0n)
  expect(cut.readUInt16LE(60)).toBe(0)
  expect(cut.readUInt16LE(62)).toBe(0)
})

test('leaves every byte of headers and segments that says nothing of sections', () => {
  const image = imageWith(1000)
  const cut = withoutSections(image)
  const changed = [...cut.keys()].filter((at) => cut[at] !== image[at])
  expect(changed.every((at) => (at >= 40 && at < 48) || (at >= 60 && at < 64))).toBe(true)
})

test('does not touch its input and does the same again', () => {
  const image = imageWith(10)
  const before = Buffer.from(image)
  const cut = withoutSections(image)
  expect(image).toEqual(before)
  expect(withoutSections(cut)).toEqual(cut)
})

test('keeps program headers that stand behind the segments', () => {
  const image = imageWith(10)
  const moved = Buffer.concat([image, image.subarray(headerSize, headerSize + programHeaderSize)])
  moved.writeBigUInt64LE(BigInt(image.length), 32)
  expect(withoutSections(moved).length).toBe(moved.length)
})

/** An ELF64 image with two mapped segments: headers and `first`, then `second` a page further; and headers behind them. */
function imageWithTwo(second: string): Buffer {
  const image = Buffer.alloc(3 * 4096)
  image.write('\x7fELF\x02\x01', 'latin1')
  const headersAt = 2 * 4096
  image.writeBigUInt64LE(BigInt(headersAt), 32)
  image.writeUInt16LE(programHeaderSize, 54)
  image.writeUInt16LE(2, 56)
  image.write(second, 4096)
  for (const index of [0, 1]) {
    const at = headersAt + index * programHeaderSize
    image.writeUInt32LE(1, at)
    image.writeBigUInt64LE(BigInt(index * 4096), at + 8)
    image.writeBigUInt64LE(4096n, at + 32)
    image.writeBigUInt64LE(4096n, at + 48)
  }
  return image
}

test('moves all segments but the first, and the headers behind them, by a page', () => {
  const moved = apartFromHugePages(imageWithTwo('second'))
  const headersAt = Number(moved.readBigUInt64LE(32))
  expect(headersAt).toBe(3 * 4096)
  const offsets = [0, 1].map((index) => moved.readBigUInt64LE(headersAt + index * programHeaderSize + 8))
  expect(offsets).toEqual([0n, 8192n])
  expect(moved.toString('latin1', 8192, 8198)).toBe('second')
  expect(moved.length).toBe(4 * 4096)
})

test.each([
  ['not ELF', Buffer.from('#!/bin/sh\n'.padEnd(80))],
  ['32 bit', Buffer.from('\x7fELF\x01\x01'.padEnd(80), 'latin1')],
  ['big endian', Buffer.from('\x7fELF\x02\x02'.padEnd(80), 'latin1')],
])('refuses a file that is %s', (_, image) => {
  expect(() => withoutSections(image)).toThrow('not a 64-bit little-endian ELF program')
})
