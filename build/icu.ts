/** Where things are in a package of ICU data: https://unicode-org.github.io/icu/userguide/icu_data/ (udatamem, ucmndata.h). */
const magicAt = 2
const magic = Buffer.from([0xda, 0x27])
const formatAt = 12
const format = 'CmnD'
const entryBytes = 8
/** ICU reads its data as 32-bit words, and some of it in larger pieces. */
const itemAlignment = 16

interface Item {
  readonly name: string
  /** From the start of the table. */
  readonly start: number
  readonly end: number
}

/** A range of bytes. */
export interface Range {
  readonly start: number
  readonly end: number
}

/** `de`, `zh_Hans_CN`; not `root`, `pool`, `res_index` or `supplementalData`. */
const locale = /^[a-z]{2,3}(_[A-Za-z0-9]+)*$/
const keptLocales = new Set(['en', 'en_US', 'en_US_POSIX'])

/**
 * What Node built with small ICU has: English, and what belongs to no language. Not dictionaries for breaking lines, not
 * transliterations, not the names of characters, and of the tables of old encodings only windows-1252, which is latin1.
 */
function isKept(name: string): boolean {
  const file = name.slice(name.lastIndexOf('/') + 1)
  const [stem = '', kind = ''] = file.split('.')
  if (kind === 'cnv') return stem.startsWith('ibm-5348')
  if (kind === 'dict' || file === 'unames.icu' || /_model\d/.test(stem)) return false
  if (name.includes('/translit/')) return stem === 'root' || stem === 'res_index'
  return kind !== 'res' || !locale.test(stem) || keptLocales.has(stem)
}

/** Packs the data that is kept to the front, in place; the range that nothing refers to any more. Throws when there is none. */
export function packIcuData(image: Buffer): Range {
  const base = findTable(image)
  const items = readTable(image, base)
  const kept = items.filter(({ name }) => isKept(name))
  const contents = kept.map(({ start, end }) => Buffer.from(image.subarray(base + start, base + end)))
  const end = base + (items.at(-1)?.end ?? 0)
  let nameAt = 4 + kept.length * entryBytes
  let dataAt = align(nameAt + kept.reduce((sum, { name }) => sum + name.length + 1, 0))
  image.writeUInt32LE(kept.length, base)
  for (const [index, { name }] of kept.entries()) {
    const content = contents[index] ?? Buffer.alloc(0)
    image.writeUInt32LE(nameAt, base + 4 + index * entryBytes)
    image.writeUInt32LE(dataAt, base + 8 + index * entryBytes)
    image.write(`${name}\0`, base + nameAt, 'latin1')
    content.copy(image, base + dataAt)
    nameAt += name.length + 1
    dataAt = align(dataAt + content.length)
  }
  const free = { start: base + dataAt, end }
  image.fill(0, free.start, free.end)
  return free
}

const align = (offset: number): number => Math.ceil(offset / itemAlignment) * itemAlignment

/** Where the table of contents begins. Throws when there is no ICU data, or more than one. */
function findTable(image: Buffer): number {
  const found: number[] = []
  for (let at = image.indexOf(format); at >= 0; at = image.indexOf(format, at + 1)) {
    const header = at - formatAt
    if (header < 0 || !image.subarray(header + magicAt, header + magicAt + magic.length).equals(magic))
      continue
    found.push(header + image.readUInt16LE(header))
  }
  const [only, ...more] = found
  if (only === undefined || more.length > 0)
    throw new Error(`this Node has ${found.length} packages of ICU data, not one`)
  return only
}

function readTable(image: Buffer, base: number): readonly Item[] {
  const count = image.readUInt32LE(base)
  const at = (index: number) => base + 4 + index * entryBytes
  const starts = Array.from({ length: count }, (_, index) => image.readUInt32LE(at(index) + 4))
  return starts.map((start, index) => {
    const name = base + image.readUInt32LE(at(index))
    const text = image.toString('latin1', name, image.indexOf(0, name))
    return { name: text, start, end: starts[index + 1] ?? start }
  })
}
