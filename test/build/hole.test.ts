import { describe, expect, test } from 'vitest'
import { withoutRange } from '../../build/hole.ts'

const page = 4096
const headerBytes = 64
const entryBytes = 56
const address = 0x400000

/** An ELF program of two mapped segments, 16 pages and 2, each byte of which says its page. */
function program(spareEntries: number): Buffer {
  const image = Buffer.alloc(18 * page)
  for (let one = 1; one < 18; one++) image.fill(one, one * page, (one + 1) * page)
  image.write('\x7fELF\x02\x01', 'latin1')
  image.writeBigUInt64LE(BigInt(headerBytes), 32)
  image.writeUInt16LE(entryBytes, 54)
  image.writeUInt16LE(2, 56)
  for (const [index, { from, pages }] of [
    { from: 0, pages: 16 },
    { from: 16, pages: 2 },
  ].entries()) {
    const at = headerBytes + index * entryBytes
    image.writeUInt32LE(1, at)
    image.writeBigUInt64LE(BigInt(from * page), at + 8)
    for (const field of [16, 24]) image.writeBigUInt64LE(BigInt(address + from * page), at + field)
    for (const field of [32, 40]) image.writeBigUInt64LE(BigInt(pages * page), at + field)
    image.writeBigUInt64LE(BigInt(page), at + 48)
  }
  image.fill(0xff, headerBytes + (2 + spareEntries) * entryBytes, page)
  return image
}

/** What a loader puts at each page of memory; undefined where nothing is mapped. */
function mapped(image: Buffer): ReadonlyMap<number, number> {
  const pages = new Map<number, number>()
  for (let index = 0; index < image.readUInt16LE(56); index++) {
    const at = Number(image.readBigUInt64LE(32)) + index * entryBytes
    const number = (field: number) => Number(image.readBigUInt64LE(at + field))
    expect(number(8) % page).toBe(number(16) % page)
    expect(number(40)).toBe(number(32))
    for (let offset = 0; offset < number(32); offset += page)
      pages.set((number(16) - address + offset) / page, image.readUInt8(number(8) + offset + page - 1))
  }
  return pages
}

describe('a program without a range', () => {
  test('has every other page where it was, and nothing in the whole pages of the range', () => {
    const image = program(2)
    const cut = withoutRange(image, { start: 3 * page + 1, end: 9 * page - 1 })
    const expected = new Map([...mapped(image)].filter(([one]) => one < 4 || one >= 8))
    expect(mapped(cut)).toEqual(expected)
    expect(cut.length).toBe(image.length - 4 * page)
    expect(cut.readUInt16LE(56)).toBe(3)
  })

  test('may lose another', () => {
    const once = withoutRange(program(2), { start: 10 * page, end: 12 * page })
    const twice = withoutRange(once, { start: 2 * page, end: 3 * page })
    const left = [0, 1, 3, 4, 5, 6, 7, 8, 9, 12, 13, 14, 15, 16, 17]
    expect([...mapped(twice).keys()].sort((one, other) => one - other)).toEqual(left)
  })

  test.each([
    ['less than a page', { start: 3 * page + 1, end: 4 * page + 100 }],
    ['in two segments', { start: 15 * page, end: 17 * page }],
    ['a whole segment', { start: 16 * page, end: 18 * page }],
  ])('is refused when that is %s', (_, range) => {
    expect(() => withoutRange(program(2), range)).toThrow('not within one segment')
  })

  test('is refused when there is no room in the table', () => {
    expect(() => withoutRange(program(0), { start: 3 * page, end: 5 * page })).toThrow('no room')
  })
})
