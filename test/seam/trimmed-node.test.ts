import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { wipeBuiltins } from '../../build/builtins.ts'
import { withoutSections } from '../../build/elf.ts'
import { packIcuData } from '../../build/icu.ts'
import { scratchDirectory } from '../helpers/scratch.ts'

/** What of the language and of Node depends on data or modules that an executable without some of them may miss. */
const questions = {
  'UTF-8, strict': `new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from('häß €'))`,
  latin1: `new TextDecoder('latin1').decode(Buffer.from([0xe4, 0x80]))`,
  'UTF-16': `new TextDecoder('utf-16le').decode(Buffer.from('ä€', 'utf16le'))`,
  'classes of characters': `'a\\u200b\\u2028b\\u0001'.replace(/[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]/gu, '?')`,
  'small and capital': `'STRASSE ÄÖ'.toLowerCase() + 'ß'.toUpperCase()`,
  normalization: `'ﬁ e\\u0301'.normalize('NFKC').length`,
  'hours of a zone': `new Date(1700000000000).getHours()`,
  'a date in words': `new Date(1700000000000).toString()`,
  numbers: `(1234567.5).toLocaleString()`,
  sorting: `['b', 'ä', 'a'].sort((one, other) => one.localeCompare(other)).join('')`,
  'names in URLs': `new URL('https://bücher.example/ä').href`,
  'a hash': `require('node:crypto').createHash('sha512').update('a').digest('hex')`,
  'unpacked bytes': `require('node:zlib').gunzipSync(require('node:zlib').gzipSync('a')).toString()`,
  'a program': `require('node:child_process').spawnSync('/bin/echo', ['a']).stdout.toString()`,
}

const answers = (node: string): unknown => {
  const program = `console.log(JSON.stringify({ ${Object.entries(questions)
    .map(([name, code]) => `${JSON.stringify(name)}: ${code}`)
    .join(', ')} }))`
  const result = spawnSync(node, ['-e', program], { encoding: 'utf8', env: { TZ: 'Europe/Berlin' } })
  return { ...result, pid: 0, answers: result.status === 0 ? JSON.parse(result.stdout) : undefined }
}

let trimmed: Buffer

beforeAll(() => {
  trimmed = withoutSections(readFileSync(process.execPath))
  packIcuData(trimmed)
  wipeBuiltins(trimmed)
})

test('Node without the data and modules that are left out answers what it did', () => {
  const node = join(scratchDirectory(), 'node')
  writeFileSync(node, trimmed, { mode: 0o755 })
  expect(answers(node)).toEqual(answers(process.execPath))
})

test('a module of Node that is left out is reached by no other, even when V8 refuses the caches of all', () => {
  const node = join(scratchDirectory(), 'node')
  writeFileSync(node, trimmed, { mode: 0o755 })
  const program = `
    require('node:v8').setFlagsFromString('--expose-gc')
    const fails = (name) => { try { require(name) } catch { return true } }
    const names = require('node:module').builtinModules.map((name) => 'node:' + name.replace(/^node:/, ''))
    console.log(JSON.stringify(names.filter(fails)))`
  const { stdout } = spawnSync(node, ['--no-warnings', '-e', program], { encoding: 'utf8' })
  expect(JSON.parse(stdout)).toEqual(['node:repl', 'node:test'])
})
