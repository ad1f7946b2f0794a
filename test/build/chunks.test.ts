import { expect, test } from 'vitest'
import { chunkCompiler, runChunks } from '../../build/chunks.ts'

type Texts = Readonly<Record<string, string>>

/** Runs `main.js` of the given chunks; returns what they put on `said`, and what they asked of Node. */
function run(texts: Texts, caches: Readonly<Record<string, Buffer>> = {}) {
  const said: unknown[] = []
  const compile = chunkCompiler({ text: (name) => texts[name] ?? '', cache: (name) => caches[name] })
  runChunks(compile, 'main.js', (name) => (name === 'node:said' ? said : name))
  return { said, compile }
}

const say = (what: string) => `require('node:said').push(${what});`

test('a chunk is evaluated when it is first required, and only then', () => {
  const { said } = run({
    'main.js': `${say('1')} require('./other.js'); ${say('3')} require('./other.js').name; ${say("require('./other.js').name")}`,
    'other.js': `${say('2')} exports.name = 'other'`,
    'unused.js': say("'never'"),
  })
  expect(said).toEqual([1, 2, 3, 'other'])
})

test('chunks that require each other see what is exported so far', () => {
  const { said } = run({
    'main.js': `exports.early = 'early'; require('./other.js')`,
    'other.js': say("require('./main.js').early"),
  })
  expect(said).toEqual(['early'])
})

test('a cache made after a run is taken for the same text', () => {
  const texts = { 'main.js': `${say('(() => 7)()')} // a comment at the end` }
  const cache = run(texts).compile('main.js').createCachedData()
  const again = run(texts, { 'main.js': cache })
  expect(again.said).toEqual([7])
  expect(again.compile('main.js').cachedDataRejected).toBe(false)
})

test('a cache that does not fit is refused and the chunk runs all the same', () => {
  const texts = { 'main.js': say('7') }
  const { said, compile } = run(texts, { 'main.js': Buffer.alloc(64) })
  expect(said).toEqual([7])
  expect(compile('main.js').cachedDataRejected).toBe(true)
})
