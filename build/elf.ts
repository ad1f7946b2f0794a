/** Byte positions in an ELF64 file header and program header: https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html */
const header = {
  class: 4,
  order: 5,
  programs: 32,
  sections: 40,
  programSize: 54,
  programCount: 56,
  sectionCount: 60,
  nameIndex: 62,
}
const program = { offset: 8, sizeInFile: 32 }

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

function endOfSegments(image: Buffer): number {
  const start = Number(image.readBigUInt64LE(header.programs))
  const size = image.readUInt16LE(header.programSize)
  const count = image.readUInt16LE(header.programCount)
  const ends = Array.from({ length: count }, (_, index) => {
    const at = start + index * size
    return Number(image.readBigUInt64LE(at + program.offset) + image.readBigUInt64LE(at + program.sizeInFile))
  })
  return Math.max(start + size * count, ...ends)
}
