import { expect, test } from 'vitest'
import { ignitionRmcfg } from '../../src/commands/ignition-rmcfg.ts'
import type { Hypervisor } from '../../src/system/hypervisor-calls.ts'
import { fakeSystem } from '../helpers/fake-system.ts'
import { virtualbox, vmware } from '../helpers/hypervisors.ts'

async function remove(platform: string, hypervisor: Partial<Hypervisor> = {}) {
  const system = fakeSystem({ hypervisor })
  let stderr = ''
  const code = await ignitionRmcfg({
    args: [`--platform=${platform}`],
    stdout: () => undefined,
    stderr: (text) => {
      stderr += text
    },
    color: false,
    readInput: () => new Uint8Array(),
    openSystem: () => system,
  })
  return { code, stderr }
}

const CONFIG = '/Ignition/Config'
const ENCODING = '/Ignition/Config/Encoding'

test('virtualbox: both properties, the encoding first; twice is no error', async () => {
  const properties = new Map([
    [CONFIG, '{}\0\0'],
    [ENCODING, '\0\0'],
    ['/other', 'x\0\0'],
  ])
  const host = virtualbox(properties)
  expect((await remove('virtualbox', host.hypervisor)).code).toBe(0)
  expect(host.calls.slice(0, 2)).toEqual([`delete ${ENCODING}`, `delete ${CONFIG}`])
  expect([...properties.keys()]).toEqual(['/other'])
  expect((await remove('virtualbox', host.hypervisor)).code).toBe(0)
  expect(host.clients()).toBe(0)
})

test('virtualbox: a read-only property', async () => {
  const { code, stderr } = await remove('virtualbox', virtualbox(new Map(), { delete: -10 }).hypervisor)
  expect(code).toBe(1)
  expect(stderr).toContain('permission denied; is the property read-only?')
})

const DATA = 'guestinfo.ignition.config.data'
const OVF = 'guestinfo.ovfenv'

test('vmware: the data becomes an empty config, and once is enough', async () => {
  const variables = new Map([
    [DATA, '{"secret":1}'],
    [`${DATA}.encoding`, ''],
  ])
  const host = vmware(variables)
  expect((await remove('vmware', host.hypervisor)).code).toBe(0)
  expect(Object.fromEntries(variables)).toEqual({ [DATA]: 'e30K', [`${DATA}.encoding`]: 'base64' })
  const before = host.requests.length
  expect((await remove('vmware', host.hypervisor)).code).toBe(0)
  expect(host.requests.slice(before).filter((request) => request.startsWith('info-set'))).toEqual([])
})

test('vmware: nothing set, nothing written', async () => {
  const variables = new Map<string, string>()
  expect((await remove('vmware', vmware(variables).hypervisor)).code).toBe(0)
  expect(variables.size).toBe(0)
})

test('vmware: the OVF environment loses the config and nothing else', async () => {
  const NS = 'http://schemas.dmtf.org/ovf/environment/1'
  const environment = (data: string) =>
    `<Environment xmlns="${NS}" xmlns:oe="${NS}"><PropertySection>${data}<Property oe:key="x" oe:value="y"/></PropertySection></Environment>`
  const variables = new Map([[OVF, environment(`<Property oe:key="${DATA}" oe:value="{}"/>`)]])
  expect((await remove('vmware', vmware(variables).hypervisor)).code).toBe(0)
  expect(variables.get(OVF)).toBe(environment(''))
})

test.each(['vmware', 'virtualbox'])('%s: another machine', async (platform) => {
  expect((await remove(platform)).code).toBe(1)
})

test('other platforms keep their config', async () => {
  const { code, stderr } = await remove('qemu')
  expect(code).toBe(1)
  expect(stderr).toContain('cannot delete config on this platform ("qemu")')
})
