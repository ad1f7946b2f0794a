import { header, mapped, numberAt, program, programHeaders } from './elf.ts'

/**
 * The program with its table of program headers at its end, where its place in the file and its address differ as much as
 * they do at the beginning of the program: Linux before 5.18 and QEMU reckon with that, and tell the dynamic loader a wrong
 * address otherwise. To be done last. Throws when something else is mapped at that address.
 */
export function withTableAtEnd(image: Buffer): Buffer {
  const size = image.readUInt16LE(header.programSize)
  const entries = programHeaders(image).map((at) => Buffer.from(image.subarray(at, at + size)))
  const loaded = entries.filter(isLoaded)
  const page = Math.max(...loaded.map((entry) => numberAt(entry, program.alignment)))
  const oldPlace = numberAt(image, header.programs)
  const place = Math.ceil(image.length / page) * page
  const address = place + baseOf(loaded)
  const length = entries.length * size
  const own = entries.filter((entry) => numberAt(entry, program.offset) === oldPlace)
  if (own.length !== 2) throw new Error('the table of program headers has no segment of its own')
  for (const entry of loaded) {
    const start = numberAt(entry, program.address)
    const end = start + numberAt(entry, program.sizeInMemory)
    if (!own.includes(entry) && start < address + length + page && address < end + page)
      throw new Error('there is no room for the table of program headers')
  }
  for (const entry of own) {
    entry.writeBigUInt64LE(BigInt(place), program.offset)
    for (const field of [program.address, program.physicalAddress])
      entry.writeBigUInt64LE(BigInt(address), field)
    for (const field of [program.sizeInFile, program.sizeInMemory])
      entry.writeBigUInt64LE(BigInt(length), field)
  }
  const result = Buffer.concat([image, Buffer.alloc(place - image.length), ...inOrder(entries)])
  result.writeBigUInt64LE(BigInt(place), header.programs)
  return result
}

const isLoaded = (entry: Buffer): boolean => entry.readUInt32LE(program.type) === mapped

/** Address of what the file begins with. */
function baseOf(loaded: readonly Buffer[]): number {
  const first = loaded.find((entry) => numberAt(entry, program.offset) === 0)
  if (first === undefined) throw new Error('the beginning of the program is not mapped')
  return numberAt(first, program.address)
}

/** The loader wants mapped segments by their addresses. */
function inOrder(entries: readonly Buffer[]): readonly Buffer[] {
  const loaded = entries
    .filter(isLoaded)
    .sort((one, other) => numberAt(one, program.address) - numberAt(other, program.address))
    .values()
  return entries.map((entry) => (isLoaded(entry) ? (loaded.next().value ?? entry) : entry))
}
