import { expect, test } from 'vitest'
import { emptyConfig } from '../../src/spec/config.ts'
import { deserializeConfig } from '../../src/spec/deserialize.ts'
import { keepPlaces, restorePlaces } from '../../src/spec/kept-places.ts'
import { mergeSourced, placeOf, type Sourced } from '../../src/spec/origin.ts'
import type { ConfigPath } from '../../src/spec/report.ts'
import { serializeConfig } from '../../src/spec/serialize.ts'
import { jsonText, sourcedFrom } from '../helpers/sourced.ts'

/** `SOURCE:LINE PATH`, or nothing. */
function show(sourced: Sourced, path: ConfigPath): string | undefined {
  const place = placeOf(sourced, path)
  return place && `${place.source}:${place.position.line} ${place.path.join('.')}`
}

/** The same config as a later stage has it. */
function restored({ config, origin }: Sourced): Sourced {
  const kept = JSON.parse(JSON.stringify(keepPlaces({ config, origin })))
  const read = deserializeConfig(serializeConfig(config))
  return { config: read, origin: restorePlaces(kept) }
}

const file = (path: string, more: object = {}) => ({ path, ...more })

const parent = jsonText({
  storage: {
    files: [
      file('/a', { mode: 384 }),
      file('/b', { contents: { source: 'data:,b' }, append: [{ source: 'data:,1' }] }),
    ],
    filesystems: [{ device: '/dev/x', format: 'ext4', options: ['-O', 'one'] }],
  },
})
const child = jsonText({
  kernelArguments: { shouldExist: ['quiet'] },
  storage: {
    files: [file('/c'), file('/b', { mode: 420, append: [{ source: 'data:,2' }] })],
    filesystems: [{ device: '/dev/x', format: 'ext4', options: ['-O', 'two'] }],
    links: [{ path: '/a', target: '/c' }],
  },
})

test.each([
  [
    'an item of the parent',
    ['storage', 'files', 0, 'append', 0, 'source'],
    'parent:18 storage.files.1.append.0.source',
  ],
  ['an item, known by its name', ['storage', 'files', 1], 'child:13 storage.files.0'],
  ['what the child adds to an item', ['storage', 'files', 0, 'mode'], 'child:17 storage.files.1.mode'],
  [
    'what the parent has in an item of both',
    ['storage', 'files', 0, 'contents', 'source'],
    'parent:14 storage.files.1.contents.source',
  ],
  ['an appended item', ['storage', 'files', 0, 'append', 1], 'child:20 storage.files.1.append.0'],
  [
    'an appended word',
    ['storage', 'filesystems', 0, 'options', 3],
    'child:31 storage.filesystems.0.options.1',
  ],
  [
    'a word of the parent',
    ['storage', 'filesystems', 0, 'options', 1],
    'parent:29 storage.filesystems.0.options.1',
  ],
  ['what has moved to another list', ['storage', 'links', 0, 'target'], 'child:38 storage.links.0.target'],
  [
    'a part that only the child has',
    ['kernelArguments', 'shouldExist', 0],
    'child:7 kernelArguments.shouldExist.0',
  ],
  [
    'what is not there, by what is around it',
    ['storage', 'files', 0, 'user', 'name'],
    'child:15 storage.files.1',
  ],
])('in a merged config: %s', async (_, path, expected) => {
  const merged = mergeSourced(
    { config: emptyConfig, origin: undefined },
    mergeSourced(await sourcedFrom('parent', parent), await sourcedFrom('child', child)),
  )
  expect(show(merged, path)).toBe(expected)
  expect(show(restored(merged), path)).toBe(expected)
})

test('a config in one line has columns', async () => {
  const text = '{"ignition":{"version":"3.4.0"},"storage":{"files":[{"path":"/é"},{"path":"/b"}]}}'
  const sourced = await sourcedFrom('x', text)
  const place = placeOf(restored(sourced), ['storage', 'files', 1])
  expect(place?.position).toEqual({ line: 1, column: Buffer.from(text).indexOf('"/b"') + 1 })
})

const yaml = `variant: fcos
version: 1.5.0
storage:
  files:
    - path: /first
      contents:
        inline: hello
systemd:
  units:
    - name: x.service
kernel_arguments:
  should_exist: [quiet]
`

test.each([
  [['storage', 'files', 0, 'contents', 'source'], 'x:7 storage.files.0.contents.inline'],
  [['storage', 'files', 0, 'contents'], 'x:7 storage.files.0.contents'],
  [['kernelArguments', 'shouldExist', 0], 'x:12 kernel_arguments.should_exist.0'],
  [['systemd', 'units', 0], 'x:10 systemd.units.0'],
])('YAML is found in its own words: %j', async (path, expected) => {
  const sourced = await sourcedFrom('x', yaml)
  expect(show(sourced, path)).toBe(expected)
  expect(show(restored(sourced), path)).toBe(expected)
})

test('places of another shape are not taken', async () => {
  const kept = keepPlaces(await sourcedFrom('x', jsonText({})))
  expect(restorePlaces({ ...kept, shape: 2 as 1 })).toBeUndefined()
  expect(restorePlaces({ shape: 1 } as typeof kept)).toBeUndefined()
})

test('a key in another case is found, and of several the one that counts', async () => {
  const text =
    '{"ignition":{"version":"3.4.0"},\n"storage":{"FILES":[{\n"path":"/a",\n"Mode":1,\n"mode":2}]}}'
  const sourced = await sourcedFrom('x', text)
  expect(show(sourced, ['storage', 'files', 0])).toBe('x:3 storage.files.0')
  expect(show(sourced, ['storage', 'files', 0, 'mode'])).toBe('x:5 storage.files.0.mode')
})

test('what nobody wrote comes from nowhere', () => {
  expect(placeOf({ config: emptyConfig, origin: undefined }, ['storage'])).toBeUndefined()
})
