import { header, mapped, numberAt, program, programHeaders } from './elf.ts'
import type { Range } from './icu.ts'

/**
 * The program without a range of bytes that nothing reads: the segment that holds it becomes two, with nothing mapped
 * between them, and addresses stay. Only whole pages go. Throws when the range is not within one segment that is only
 * mapped, or the table of program headers has no room for another.
 */
export function withoutRange(image: Buffer, range: Range): Buffer {
  const tables = programHeaders(image)
  const size = image.readUInt16LE(header.programSize)
  const page = Math.max(
    ...tables
      .filter((at) => image.readUInt32LE(at) === mapped)
      .map((at) => numberAt(image, at + program.alignment)),
  )
  const start = Math.ceil(range.start / page) * page
  const end = Math.floor(range.end / page) * page
  const split = tables.findIndex((at) => start < end && holds(image, at, { start, end }))
  if (split < 0) throw new Error('the range is not within one segment, or is less than a page')
  const tableAt = numberAt(image, header.programs)
  const behind = tableAt + tables.length * size
  if (image.subarray(behind, behind + size).some((byte) => byte !== 0))
    throw new Error('no room for another program header')
  const entries = tables.flatMap((at, index) => {
    const entry = Buffer.from(image.subarray(at, at + size))
    return index === split ? splitAt(entry, { start, end }) : [entry]
  })
  const moved = (at: number) => (at >= end ? at - (end - start) : at)
  for (const entry of entries)
    entry.writeBigUInt64LE(BigInt(moved(numberAt(entry, program.offset))), program.offset)
  const result = Buffer.concat([image.subarray(0, start), image.subarray(end)])
  Buffer.concat(entries).copy(result, moved(tableAt))
  result.writeBigUInt64LE(BigInt(moved(tableAt)), header.programs)
  result.writeUInt16LE(entries.length, header.programCount)
  return result
}

function holds(image: Buffer, at: number, { start, end }: Range): boolean {
  const from = numberAt(image, at + program.offset)
  const to = from + numberAt(image, at + program.sizeInFile)
  return image.readUInt32LE(at + program.type) === mapped && from < start && end < to
}

/** The segment before the range and the one behind it. */
function splitAt(entry: Buffer, { start, end }: Range): readonly [Buffer, Buffer] {
  const [first, rest] = [Buffer.from(entry), Buffer.from(entry)]
  const offset = numberAt(entry, program.offset)
  const put = (target: Buffer, field: number, value: number) => target.writeBigUInt64LE(BigInt(value), field)
  for (const field of [program.sizeInFile, program.sizeInMemory]) {
    put(first, field, start - offset)
    put(rest, field, numberAt(entry, field) - (end - offset))
  }
  for (const field of [program.offset, program.address, program.physicalAddress])
    put(rest, field, numberAt(entry, field) + end - offset)
  return [first, rest]
}
