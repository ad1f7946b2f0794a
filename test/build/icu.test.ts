import { describe, expect, test } from 'vitest'
import { packIcuData } from '../../build/icu.ts'

/** A package of ICU data as in Node's executable, with something before and after it. */
function imageWith(items: Readonly<Record<string, string>>): Buffer {
  const names = Object.keys(items).sort()
  const header = Buffer.alloc(32)
  header.writeUInt16LE(header.length)
  header.set([0xda, 0x27], 2)
  header.write('CmnD', 12)
  const table = Buffer.alloc(4 + names.length * 8)
  table.writeUInt32LE(names.length)
  const texts = Buffer.from(names.map((name) => `icudt78l/${name}\0`).join(''))
  const data: Buffer[] = []
  let nameAt = table.length
  let dataAt = Math.ceil((table.length + texts.length) / 16) * 16
  const gap = Buffer.alloc(dataAt - table.length - texts.length)
  for (const [index, name] of names.entries()) {
    table.writeUInt32LE(nameAt, 4 + index * 8)
    table.writeUInt32LE(dataAt, 8 + index * 8)
    const item = Buffer.alloc(Math.ceil((items[name]?.length ?? 0) / 16) * 16)
    item.write(items[name] ?? '')
    data.push(item)
    nameAt += name.length + 10
    dataAt += item.length
  }
  return Buffer.concat([
    Buffer.alloc(64, 'before'),
    header,
    table,
    texts,
    gap,
    ...data,
    Buffer.alloc(64, 'after'),
  ])
}

/** Looks an item up as ICU does, and returns what is there. */
function lookUp(image: Buffer, name: string): string | undefined {
  const base = 64 + 32
  for (let index = 0; index < image.readUInt32LE(base); index++) {
    const at = base + image.readUInt32LE(base + 4 + index * 8)
    if (image.toString('latin1', at, image.indexOf(0, at)) !== `icudt78l/${name}`) continue
    const start = base + image.readUInt32LE(base + 8 + index * 8)
    return image.toString('latin1', start, image.indexOf(0, start))
  }
  return undefined
}

const items = {
  'brkitr/cjdict.dict': 'dictionary',
  'brkitr/word.brk': 'words',
  'coll/root.res': 'order',
  'coll/de.res': 'german order',
  'cnvalias.icu': 'aliases',
  'de.res': 'german',
  'en.res': 'english',
  'en_AU.res': 'australian',
  'euc-jp-2007.cnv': 'an old encoding',
  'ibm-5348_P100-1997.cnv': 'windows-1252',
  'pool.res': 'pool',
  'supplementalData.res': 'supplemental',
  'translit/Latin_ASCII.res': 'transliteration',
  'unames.icu': 'names of characters',
  'zoneinfo64.res': 'zones',
  'zu.res': 'zulu',
}

describe('ICU data', () => {
  const image = imageWith(items)
  const { start, end } = packIcuData(image)

  test.each([
    'brkitr/word.brk',
    'coll/root.res',
    'cnvalias.icu',
    'en.res',
    'ibm-5348_P100-1997.cnv',
    'pool.res',
    'supplementalData.res',
    'zoneinfo64.res',
  ] as const)('keeps %s, aligned', (name) => {
    expect(lookUp(image, name)).toBe(items[name])
  })

  test.each([
    'brkitr/cjdict.dict',
    'coll/de.res',
    'de.res',
    'en_AU.res',
    'euc-jp-2007.cnv',
    'translit/Latin_ASCII.res',
    'unames.icu',
    'zu.res',
  ])('does without %s', (name) => {
    expect(lookUp(image, name)).toBeUndefined()
  })

  test('is followed by nothing, up to its old end', () => {
    expect(end).toBeGreaterThan(start)
    expect(image.subarray(start, end).every((byte) => byte === 0)).toBe(true)
    expect(image.toString('latin1', image.length - 64, image.length - 59)).toBe('after')
    expect(image.toString('latin1', 0, 6)).toBe('before')
  })

  test('has to be there, once', () => {
    expect(() => packIcuData(Buffer.alloc(100))).toThrow('0 packages')
    expect(() => packIcuData(Buffer.concat([imageWith(items), imageWith(items)]))).toThrow('2 packages')
  })
})
