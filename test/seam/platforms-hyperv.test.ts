import { expect, test } from 'vitest'
import type { StageName } from '../../src/stages.ts'
import { emptyState, type State } from '../../src/state.ts'
import { fakeSystem } from '../helpers/fake-system.ts'
import { hyperv } from '../helpers/hypervisors.ts'
import { runStageOf } from '../helpers/run-stage.ts'

const CONFIG = `{"ignition":{"version":"3.4.0","config":{"merge":[{"source":"http://127.0.0.1/more.ign"}]}}}`
const MORE = '{"ignition":{"version":"3.4.0"},"storage":{"files":[{"path":"/etc/more"}]}}'

test('a config that needs the network survives until there is one, though the host says it only once', async () => {
  let said = hyperv([{ pool: 0, key: 'ignition.config', value: CONFIG }]).hypervisor
  const system = fakeSystem({
    files: { '/proc/cmdline': '', '/run/x': '' },
    hypervisor: { openDevice: (path) => said.openDevice(path) },
    server: () => ({ body: MORE }),
  })
  const run = (stage: StageName, state: State) =>
    runStageOf({ system, stage }, { platform: 'hyperv', fetchTimeoutSeconds: 120, state })
  const offline = await run('fetch-offline', emptyState)
  expect(system.files.stat('/run/ignition/neednet')).toBeDefined()
  expect(offline.providerOutputFiles).toHaveLength(5)
  said = hyperv([]).hypervisor
  const fetched = await run('fetch', offline)
  expect(fetched.providerOutputFiles).toEqual(offline.providerOutputFiles)
  expect(system.files.readText('/run/ignition.json')).toContain('/etc/more')
})
