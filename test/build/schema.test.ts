import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { schemaOf } from '../../build/schema.ts'
import { parseConfig } from '../../src/spec/parse.ts'
import { type Version, versions } from '../../src/spec/versions.ts'
import { fullConfig } from '../spec/full-config.ts'

const faultsOf = (version: Version, config: unknown): readonly ErrorObject[] => {
  const validate = new Ajv2020({ allErrors: true, allowUnionTypes: true }).compile(schemaOf(version))
  return validate(config) ? [] : (validate.errors ?? [])
}

describe.each(versions)('%s', (version) => {
  test('takes a config with every field, as the parser does', () => {
    const config = fullConfig(version)
    expect(faultsOf(version, config)).toEqual([])
    const outcome = parseConfig(new TextEncoder().encode(JSON.stringify(config)))
    expect(outcome).toMatchObject({ kind: 'config', report: [] })
  })

  test('knows no field of a later version', () => {
    for (const later of versions.slice(versions.indexOf(version) + 1)) {
      const config = fullConfig(later)
      const unknown = faultsOf(version, config).filter(({ keyword }) => keyword === 'additionalProperties')
      const outcome = parseConfig(
        new TextEncoder().encode(JSON.stringify({ ...config, ignition: { ...config.ignition, version } })),
      )
      const unused = 'report' in outcome ? outcome.report.filter(({ rule }) => rule === 'UNUSED') : []
      expect(unknown.length).toBe(unused.length)
    }
  })

  test('says what must be there', () => {
    const faults = faultsOf(version, { ignition: {}, storage: { files: [{}], raid: [{ name: 'r' }] } })
    expect(faults.map(({ instancePath, params }) => `${instancePath} ${params['missingProperty']}`)).toEqual([
      '/ignition version',
      '/storage/files/0 path',
      '/storage/raid/0 devices',
      '/storage/raid/0 level',
    ])
  })
})
