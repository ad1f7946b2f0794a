import { describe, expect, test } from 'vitest'
import { bindingOf, clevisPrograms, serversToAsk } from '../../../src/sections/luks/clevis.ts'
import {
  type ConfigLuks,
  formatArguments,
  type Header,
  openArguments,
  planLuks,
  type VolumeFacts,
} from '../../../src/sections/luks/plan.ts'
import { configOf, type Sketch } from '../../helpers/config-of.ts'
import { failureOf } from '../../helpers/stage.ts'

const uuid = '9c653e5b-d14f-4d2b-a3c2-4a8b7c2f0e11'
const header: Header = { version: 2, uuid, label: 'L', flags: [] }
const luksMark = { type: 'crypto_LUKS', usage: 'crypto', uuid: '', label: '' }
const inUse = 'held by "/dev/mapper/v"'

function volumeOf(sketch: Sketch<ConfigLuks>): ConfigLuks {
  const [volume] = configOf({ storage: { luks: [{ name: 'v', device: '/dev/d', ...sketch }] } }).storage.luks
  if (!volume) throw new Error('no volume')
  return volume
}

function plan(sketch: Sketch<ConfigLuks>, known: Partial<VolumeFacts> = {}) {
  const facts: VolumeFacts = {
    node: '/dev/sda',
    signatures: [],
    header: undefined,
    opened: 'no',
    keyFits: false,
    isBound: false,
    hasKey: true,
    use: undefined,
    isOurs: false,
    ...known,
  }
  const config = configOf({ storage: { luks: [{ name: 'v', device: '/dev/d', ...sketch }] } })
  return planLuks(config, new Map([['v', facts]])).map(({ kind }) => kind)
}

describe('a volume', () => {
  const cases: readonly (readonly [string, Sketch<ConfigLuks>, Partial<VolumeFacts>, readonly string[]])[] = [
    ['on a blank device', {}, {}, ['make']],
    ['on a device that an earlier one brings', {}, { node: undefined }, ['look']],
    ['that is to be wiped', { wipeVolume: true }, { header }, ['make']],
    ['that is there', { label: 'L', uuid: uuid.toUpperCase() }, { header }, ['open']],
    ['that is open', {}, { header, opened: 'volume', keyFits: true, use: inUse }, []],
    [
      'that is open and bound',
      { clevis: { tpm2: true } },
      { header, opened: 'volume', isBound: true, hasKey: false },
      [],
    ],
    ['unfinished, its key lost', {}, { header, isOurs: true, hasKey: false }, ['make']],
    ['unfinished, with a key that does not fit', {}, { header, isOurs: true }, ['make']],
    ['unfinished, but whole', {}, { header, isOurs: true, keyFits: true }, ['open']],
    ['unfinished, and open', {}, { header, isOurs: true, keyFits: true, opened: 'volume' }, []],
    ['unfinished, its header damaged', {}, { isOurs: true, signatures: [luksMark] }, ['make']],
    ['with discards', { discard: true }, { header: { ...header, flags: ['allow-discards'] } }, ['open']],
  ]
  test.each(cases)('%s', (_case, sketch, known, kinds) => {
    expect(plan(sketch, known)).toEqual(kinds)
  })
})

describe('refuses', () => {
  const ext4 = { type: 'ext4', usage: 'filesystem', uuid: '', label: '' }
  const cases: readonly (readonly [Sketch<ConfigLuks>, Partial<VolumeFacts>, RegExp])[] = [
    [
      {},
      { signatures: [ext4] },
      /"v": volume at "\/dev\/d" is not of the correct type \(found ext4\).*wipeVolume/,
    ],
    [{}, { header: { version: 1 } }, /LUKS1/],
    [{ label: 'M' }, { header }, /its label is "L", specified "M"/],
    [{ label: '' }, { header }, /its label is "L", specified ""/],
    [{ uuid: uuid.replace('9', '8') }, { header }, /its UUID is 9c65.*, specified 8c65/],
    [{ discard: true }, { header }, /does not pass discards through, specified true/],
    [{}, { header: { ...header, flags: ['allow-discards'] } }, /passes discards through, specified false/],
    [{}, { header, hasKey: false }, /no keyFile/],
    [{}, { header, opened: 'volume' }, /the key does not open it/],
    [{ clevis: { tpm2: true } }, { header }, /clevis cannot bind to a volume that is there already/],
    [{ clevis: { tpm2: true } }, { header, opened: 'volume' }, /clevis cannot bind/],
    [{}, { opened: 'other' }, /\/dev\/mapper\/v is another device/],
    [{ wipeVolume: true }, { header, use: inUse }, /it is held by/],
  ]
  test.each(cases)('%j %j', (sketch, known, message) => {
    expect(() => plan(sketch, known)).toThrow(message)
  })
})

test('arguments of cryptsetup', () => {
  const volume = volumeOf({
    label: 'L',
    uuid,
    options: ['--cipher=x'],
    discard: true,
    openOptions: ['--perf-no_read_workqueue'],
  })
  const place = { device: '/dev/a', keyFile: '/k' }
  expect(formatArguments(volume, { ...place, volumeKey: undefined }).join(' ')).toBe(
    `luksFormat --type luks2 --key-file /k --label L --uuid ${uuid} --subsystem firstlight-unfinished --cipher=x /dev/a`,
  )
  const volumeKey = { path: '/s', sizeBytes: 272 }
  expect(formatArguments(volumeOf({}), { ...place, volumeKey }).join(' ')).toBe(
    'luksFormat --type luks2 --key-file /k --subsystem firstlight-unfinished --volume-key-file /s --cipher paes-xts-plain64 --key-size 2176 /dev/a',
  )
  expect(openArguments(volume, '/dev/a', '/k').join(' ')).toBe(
    'luksOpen /dev/a v --key-file /k --persistent --allow-discards --perf-no_read_workqueue',
  )
})

describe('clevis', () => {
  const tang = { url: 'http://t', thumbprint: 'p' }
  const cases: readonly (readonly [Sketch<ConfigLuks['clevis']>, object])[] = [
    [{ tpm2: true }, { pin: 'sss', config: '{"pins":{"tpm2":{}},"t":1}', isProvable: true }],
    [
      { tang: [tang] },
      { pin: 'sss', config: '{"pins":{"tang":[{"url":"http://t","thp":"p"}]},"t":1}', isProvable: true },
    ],
    [
      { tang: [{ ...tang, advertisement: '{"a": 1}' }], tpm2: true, threshold: 2 },
      {
        pin: 'sss',
        config: '{"pins":{"tang":[{"url":"http://t","thp":"p","adv":{"a":1}}],"tpm2":{}},"t":2}',
        isProvable: false,
      },
    ],
    [{ threshold: 1 }, { pin: 'sss', config: '{"pins":{"tang":null},"t":1}', isProvable: false }],
    [{ custom: { pin: 'x', config: '{}' } }, { pin: 'x', config: '{}', isProvable: false }],
  ]
  test.each(cases)('%j', (clevis, binding) => {
    const made = bindingOf(volumeOf({ clevis }))
    expect({ ...made, config: made.config.reveal() }).toEqual(binding)
  })

  test('only servers without advertisement are asked', () => {
    const volume = volumeOf({ clevis: { tang: [tang, { url: 'http://u', advertisement: '{}' }] } })
    expect(serversToAsk(volume).map(({ url }) => url.reveal())).toEqual(['http://t'])
  })

  test('an advertisement that is not JSON', () => {
    const clevis = { tang: [{ url: 'http://t', advertisement: 'no' }] }
    expect(() => bindingOf(volumeOf({ clevis }))).toThrow(/"http:\/\/t" for LUKS volume "v" is not JSON/)
  })

  test('the error about it has no password', async () => {
    const clevis = { tang: [{ url: 'http://me:canary@t', advertisement: 'canary' }] }
    const { message } = await failureOf(() => bindingOf(volumeOf({ clevis })))
    expect(message).toBe('the advertisement of tang server "http://t" for LUKS volume "v" is not JSON')
  })

  test('the programs that it starts', () => {
    expect(clevisPrograms(volumeOf({}))).toEqual([])
    expect(clevisPrograms(volumeOf({ clevis: { custom: { pin: 'x' } } }))).not.toContain('clevis-encrypt-sss')
    expect(clevisPrograms(volumeOf({ clevis: { tang: [tang], tpm2: true } }))).toEqual(
      expect.arrayContaining(['clevis-encrypt-sss', 'clevis-encrypt-tang', 'clevis-encrypt-tpm2']),
    )
  })
})
