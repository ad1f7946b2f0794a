import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { createLocalFiles } from '../../../src/commands/local-files.ts'
import { parseConfig } from '../../../src/spec/parse.ts'
import { readConfig } from '../../../src/spec/read-config.ts'
import { formatPath } from '../../../src/spec/report.ts'
import { createFiles } from '../../../src/system/real-files.ts'

const cases = new URL('../../../fixtures/configs/', import.meta.url)
const files = createFiles({ syncFilesystem() {}, lockFile: () => undefined })

/** A case with a name in lower case is a YAML config with what it stands for, or what is wrong with it. */
const names = readdirSync(cases).filter((name) => /^[a-z]/.test(name))

const textOf = (name: string, file: string): string | undefined => {
  const url = new URL(`${name}/${file}`, cases)
  return existsSync(url) ? readFileSync(url, 'utf8') : undefined
}

describe.each(names)('%s', (name) => {
  const read = () =>
    readConfig(readFileSync(new URL(`${name}/config.bu`, cases)), {
      local: createLocalFiles(files, new URL(`${name}/files`, cases).pathname),
      gzip: undefined,
    })

  test('expands as expected', async () => {
    const { json } = await read()
    expect(json === undefined ? undefined : `${json}\n`).toBe(textOf(name, 'expected.ign'))
  })

  test('says what is wrong, and nothing else', async () => {
    const outcome = await read()
    const report = 'report' in outcome ? outcome.report : []
    const lines = report.map(({ severity, rule, path, position }) => {
      return `${severity} ${rule} ${formatPath(path)} ${position?.line}:${position?.column}\n`
    })
    expect(lines.join('')).toBe(textOf(name, 'report.txt') ?? '')
    expect(outcome.kind).toBe(textOf(name, 'expected.ign') === undefined ? 'invalid' : 'config')
  })

  test('what it stands for is a config without errors', () => {
    const json = textOf(name, 'expected.ign')
    if (json === undefined) expect(textOf(name, 'report.txt')).toContain('error')
    else expect(parseConfig(new TextEncoder().encode(json)).kind).toBe('config')
  })
})
