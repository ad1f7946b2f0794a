import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import { expect, test } from 'vitest'
import { renderUserConfig } from '../../src/acquire/acquire.ts'
import { readCache, writeCache } from '../../src/acquire/cache.ts'
import { drawSvg } from '../../src/plan/draw-svg.ts'
import { machineShape } from '../../src/plan/machine.ts'
import { planMachine } from '../../src/plan/plan-machine.ts'
import { readMachine } from '../../src/plan/read-machine.ts'
import { sayPlan } from '../../src/plan/say.ts'
import { jsonSchemaOf } from '../../src/plan/shape.ts'
import { planShape } from '../../src/plan/shape-of-plan.ts'
import { createFetcher } from '../../src/resources/fetch.ts'
import { emptyConfig } from '../../src/spec/config.ts'
import { mergeConfigs } from '../../src/spec/merge.ts'
import { fakeSystem } from '../helpers/fake-system.ts'

const folder = join(import.meta.dirname, '../../fixtures/plans')

const ajv = new Ajv({ strict: true })

async function planCase(name: string) {
  const path = join(folder, name)
  const system = fakeSystem()
  const rendered = await renderUserConfig({
    system,
    fetcher: createFetcher({ system, offline: true }),
    bytes: readFileSync(join(path, 'config.ign')),
    source: name,
    place: name,
  })
  const machine = readMachine(readFileSync(join(path, 'machine.json')), name)
  const { config } = rendered.sourced
  return { path, machine, config, plan: await planMachine({ system, config, machine }) }
}

test.each(readdirSync(folder))('%s: text, picture and JSON are as they were', async (name) => {
  const { path, machine, plan } = await planCase(name)
  expect(existsSync(join(path, 'plan.txt')), 'made with vitest -u').toBe(true)
  await expect(sayPlan(plan, false)).toMatchFileSnapshot(join(path, 'plan.txt'))
  await expect(drawSvg(plan)).toMatchFileSnapshot(join(path, 'plan.svg'))
  await expect(`${JSON.stringify(plan, undefined, 1)}\n`).toMatchFileSnapshot(join(path, 'plan.json'))
  for (const [shape, value] of [
    [machineShape, machine],
    [planShape, plan],
  ] as const)
    expect(ajv.validate(jsonSchemaOf(shape), JSON.parse(JSON.stringify(value))), ajv.errorsText()).toBe(true)
})

test.each(readdirSync(folder))(
  '%s: a boot that reads the rendered config from its cache has the same hash',
  async (name) => {
    const { config, machine, plan } = await planCase(name)
    const system = fakeSystem()
    writeCache({ system, path: '/tmp/ignition.json', config })
    // what the engine makes of the cache when there is no base config
    const cached = mergeConfigs(
      emptyConfig,
      readCache({ system, path: '/tmp/ignition.json', needsSecrets: false }),
    )
    expect((await planMachine({ system, config: cached, machine })).hash).toBe(plan.hash)
  },
)

test('a label steers no terminal and breaks no picture', async () => {
  const { plan } = await planCase('used-whole')
  const [text, svg] = [sayPlan(plan, false), drawSvg(plan)]
  for (const said of [text, svg]) expect(said.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u)
  expect(svg).toContain('&lt;&amp;&gt;')
  const colored = sayPlan(plan, true)
  const sequence = String.fromCharCode(27)
  expect(colored).toContain(`${sequence}[31m`)
  expect(colored.replaceAll(new RegExp(`${sequence}\\[\\d+m`, 'g'), '')).toBe(text)
})

test('a plan shows no secret', async () => {
  const { plan } = await planCase('two-disks')
  const shown = [sayPlan(plan, true), drawSvg(plan), JSON.stringify(plan)].join('\n')
  expect(shown).toContain('keys.example')
  for (const secret of ['canary', 'abcdef', 'user:pass', 'ssh-ed25519']) expect(shown).not.toContain(secret)
})
