import { renderUserConfig } from '../../src/acquire/acquire.ts'
import type { Machine } from '../../src/plan/machine.ts'
import { planMachine } from '../../src/plan/plan-machine.ts'
import { createFetcher } from '../../src/resources/fetch.ts'
import { fakeSystem } from './fake-system.ts'

/** The hash that `firstlight plan --machine` prints for a config without resources from afar. */
export async function planHash(config: string, machine: Machine): Promise<string> {
  const system = fakeSystem()
  const { sourced } = await renderUserConfig({
    system,
    fetcher: createFetcher({ system, offline: true }),
    bytes: Buffer.from(config),
    source: 'config.ign',
    place: 'config.ign',
  })
  return (await planMachine({ system, config: sourced.config, machine })).hash
}
