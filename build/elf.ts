/** Byte positions in an ELF64 file header: https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html */
export const header = {
  class: 4,
  order: 5,
  programs: 32,
  sections: 40,
  programSize: 54,
  programCount: 56,
  sectionCount: 60,
  nameIndex: 62,
}
/** And in a program header. */
export const program = {
  type: 0,
  offset: 8,
  address: 16,
  physicalAddress: 24,
  sizeInFile: 32,
  sizeInMemory: 40,
  alignment: 48,
}
/** `PT_LOAD`: what the loader maps. */
export const mapped = 1

/**
 * The program without its section table and all that no segment holds (symbols, debug sections): what the loader of
 * the system maps is untouched. It does for Node what `strip` does, and a later `strip` finds no sections and
 * changes nothing that matters; with them it would break a program that has data added after linking.
 */
export function withoutSections(image: Buffer): Buffer {
  if (
    image.toString('latin1', 0, 4) !== '\x7fELF' ||
    image[header.class] !== 2 ||
    image[header.order] !== 1
  ) {
    throw new Error('not a 64-bit little-endian ELF program')
  }
  const result = Buffer.from(image.subarray(0, endOfSegments(image)))
  result.writeBigUInt64LE(0n, header.sections)
  result.writeUInt16LE(0, header.sectionCount)
  result.writeUInt16LE(0, header.nameIndex)
  return result
}

/**
 * The program with some nothing between its first mapped segment and the others. Where place in the file and address agree
 * modulo 2 MiB, Linux may map 2 MiB at a touch, and a program of 120 MB looks 27 MiB larger than what it uses. Once
 * is enough: a second time moves them again.
 */
export function apartFromHugePages(image: Buffer): Buffer {
  const tables = programHeaders(image)
  const loaded = tables.filter((at) => image.readUInt32LE(at + program.type) === mapped)
  const rest = loaded.map((at) => numberAt(image, at + program.offset)).filter((offset) => offset > 0)
  const from = Math.min(image.length, ...rest)
  const by = Math.max(...loaded.map((at) => numberAt(image, at + program.alignment)))
  const result = Buffer.from(image)
  const move = (at: number) => {
    const offset = numberAt(image, at)
    if (offset >= from) result.writeBigUInt64LE(BigInt(offset + by), at)
  }
  for (const at of tables) move(at + program.offset)
  move(header.programs)
  return Buffer.concat([result.subarray(0, from), Buffer.alloc(by), result.subarray(from)])
}

function endOfSegments(image: Buffer): number {
  const ends = programHeaders(image).flatMap((at) => [
    at + image.readUInt16LE(header.programSize),
    numberAt(image, at + program.offset) + numberAt(image, at + program.sizeInFile),
  ])
  return Math.max(...ends)
}

/** Where the program headers are. */
export function programHeaders(image: Buffer): number[] {
  const start = numberAt(image, header.programs)
  const size = image.readUInt16LE(header.programSize)
  return Array.from({ length: image.readUInt16LE(header.programCount) }, (_, index) => start + index * size)
}

/** A 64-bit number. */
export const numberAt = (image: Buffer, at: number) => Number(image.readBigUInt64LE(at))
