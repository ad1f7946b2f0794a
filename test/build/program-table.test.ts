import { expect, test } from 'vitest'
import { withTableAtEnd } from '../../build/program-table.ts'

const page = 4096
const base = 0x400000
const entryBytes = 56

interface Segment {
  readonly type: number
  readonly offset: number
  readonly address: number
  readonly size: number
}

/** Two pages of a program, its table in a page of its own, and more at the given address. */
function programWith(address: number): Buffer {
  const segments: readonly Segment[] = [
    { type: 6, offset: 2 * page, address: base + 40 * page, size: 4 * entryBytes },
    { type: 1, offset: 0, address: base, size: 2 * page },
    { type: 1, offset: 3 * page, address, size: page },
    { type: 1, offset: 2 * page, address: base + 40 * page, size: 4 * entryBytes },
  ]
  const image = Buffer.alloc(4 * page)
  image.writeBigUInt64LE(BigInt(2 * page), 32)
  image.writeUInt16LE(entryBytes, 54)
  image.writeUInt16LE(segments.length, 56)
  for (const [index, segment] of segments.entries()) {
    const at = 2 * page + index * entryBytes
    image.writeUInt32LE(segment.type, at)
    image.writeBigUInt64LE(BigInt(segment.offset), at + 8)
    for (const field of [16, 24]) image.writeBigUInt64LE(BigInt(segment.address), at + field)
    for (const field of [32, 40]) image.writeBigUInt64LE(BigInt(segment.size), at + field)
    image.writeBigUInt64LE(BigInt(page), at + 48)
  }
  return image
}

function tableOf(image: Buffer): readonly Segment[] {
  const number = (at: number) => Number(image.readBigUInt64LE(at))
  return Array.from({ length: image.readUInt16LE(56) }, (_, index) => {
    const at = number(32) + index * entryBytes
    return {
      type: image.readUInt32LE(at),
      offset: number(at + 8),
      address: number(at + 16),
      size: number(at + 40),
    }
  })
}

test('the table is at the end, as far from the beginning in memory as in the file', () => {
  const image = withTableAtEnd(programWith(base + 20 * page))
  const place = Number(image.readBigUInt64LE(32))
  expect(place).toBe(4 * page)
  expect(image.length).toBe(place + 4 * entryBytes)
  expect(tableOf(image)).toEqual([
    { type: 6, offset: place, address: base + place, size: 4 * entryBytes },
    { type: 1, offset: 0, address: base, size: 2 * page },
    { type: 1, offset: place, address: base + place, size: 4 * entryBytes },
    { type: 1, offset: 3 * page, address: base + 20 * page, size: page },
  ])
})

test('nothing else may be at that address', () => {
  expect(() => withTableAtEnd(programWith(base + 4 * page))).toThrow('no room')
})
