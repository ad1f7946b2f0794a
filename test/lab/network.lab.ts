import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { type TestContext, test } from 'node:test'
import { createFetcher } from '../../src/resources/fetch.ts'
import { networkFault } from '../../src/resources/network-fault.ts'
import type { FetchSettings } from '../../src/resources/settings.ts'
import { Secret } from '../../src/secret.ts'
import { ask, CONFIG, machineOf, USER_DATA, until } from './ask-platform.ts'
import { failure } from './failure.ts'
import { sh } from './loop.ts'
import { iso, plugIn } from './media.ts'

sh('modprobe', '-a', 'ipv6', 'dummy', 'veth')

type Body = string | Promise<string>

/** A metadata service at an address of this guest alone. */
async function serve(context: TestContext, host: string, body: () => Body): Promise<string[]> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.headers.host} ${request.url}`)
    void Promise.resolve(body()).then((text) => response.end(text))
  })
  context.after(() => {
    server.closeAllConnections()
    server.close()
  })
  await new Promise<void>((resolve) => server.listen(80, host, resolve))
  return asked
}

const allowed = { FIRSTLIGHT_ALLOW_LINK_LOCAL: '1' }
const asIpv6 = `GET [fe80::a9fe:a9fe] ${USER_DATA}`
const asIpv4 = `GET 169.254.169.254 ${USER_DATA}`

/** A network card of the guest that leads nowhere. */
function addCard(context: TestContext): string {
  sh('ip', 'link', 'add', 'card0', 'type', 'dummy')
  context.after(() => sh('ip', 'link', 'delete', 'card0'))
  sh('ip', 'link', 'set', 'card0', 'up')
  sh('ip', 'address', 'add', 'fe80::a9fe:a9fe/64', 'dev', 'card0', 'nodad')
  return 'card0'
}

void test('openstack: over IPv6 where there is no IPv4', async (context) => {
  const asked = await serve(context, `fe80::a9fe:a9fe%${addCard(context)}`, () => CONFIG)
  const { text, answer } = await ask('openstack', machineOf(allowed))
  assert.equal(text, CONFIG)
  assert.match(answer.kind === 'found' ? answer.place : '', /%25card0/)
  assert.deepEqual(asked, [asIpv6])
})

for (const speaking of ['IPv4', 'IPv6'] as const)
  void test(`openstack: over ${speaking} while the other is silent`, async (context) => {
    sh('ip', 'address', 'add', '169.254.169.254/32', 'dev', 'lo')
    context.after(() => sh('ip', 'address', 'delete', '169.254.169.254/32', 'dev', 'lo'))
    const never = () => new Promise<string>(() => undefined)
    const asked: Record<'IPv4' | 'IPv6', string[]> = { IPv4: [], IPv6: [] }
    const config = async () => {
      await until(() => asked.IPv4.length > 0 && asked.IPv6.length > 0)
      return CONFIG
    }
    asked.IPv6 = await serve(
      context,
      `fe80::a9fe:a9fe%${addCard(context)}`,
      speaking === 'IPv6' ? config : never,
    )
    asked.IPv4 = await serve(context, '169.254.169.254', speaking === 'IPv4' ? config : never)
    const { text, answer } = await ask('openstack', machineOf(allowed))
    assert.equal(text, CONFIG)
    assert.equal(answer.kind === 'found' && answer.place.includes('%25card0'), speaking === 'IPv6')
    assert.deepEqual(asked, { IPv4: [asIpv4], IPv6: [asIpv6] })
  })

void test('without the permission, nothing is sent to such an address', async (context) => {
  plugIn(context, iso({ label: 'config-2', tree: {} }))
  const asked = await serve(context, `fe80::a9fe:a9fe%${addCard(context)}`, () => CONFIG)
  const machine = machineOf()
  await ask('openstack', machine)
  assert.deepEqual(asked, [])
  assert.ok(machine.messages.some((message) => message.includes('is a link-local or metadata address')))
})

void test('what the network lacks is read from the kernel as it is', async (context) => {
  const { files } = machineOf().system
  const fault = (host: string) => networkFault(files, host) ?? ''
  sh('ip', 'link', 'add', 'card1', 'type', 'veth', 'peer', 'name', 'card2')
  context.after(() => sh('ip', 'link', 'delete', 'card1'))
  assert.match(fault('192.0.2.9'), /^no network interface has a link: .*card1 is down/)
  sh('ip', 'link', 'set', 'card1', 'up')
  assert.match(fault('192.0.2.9'), /^no network interface has a link: .*card1 has no carrier/)
  sh('ip', 'link', 'set', 'card2', 'up')
  assert.match(fault('192.0.2.9'), /^no network interface has an IPv4 address; there is a link on .*card1/)
  assert.match(fault('config.example'), /has an address/)
  sh('ip', 'address', 'add', '192.0.2.1/24', 'dev', 'card1')
  assert.equal(fault('192.0.2.9'), '')
  assert.equal(fault('config.example'), '')
  assert.equal(fault('198.51.100.1'), 'there is no route to 198.51.100.1')
  sh('ip', 'route', 'add', 'default', 'via', '192.0.2.254')
  assert.equal(fault('198.51.100.1'), '')
  sh('ip', 'route', 'add', 'unreachable', '203.0.113.0/24')
  context.after(() => sh('ip', 'route', 'delete', 'unreachable', '203.0.113.0/24'))
  assert.match(fault('2001:db8:1::1'), /has an IPv6 address/)
  sh('ip', 'address', 'add', '2001:db8::1/64', 'dev', 'card1', 'nodad')
  assert.equal(fault('2001:db8::9'), '')
  assert.equal(fault('2001:db8:1::1'), 'there is no route to 2001:db8:1::1')
  sh('ip', 'route', 'add', 'default', 'via', '2001:db8::fe', 'dev', 'card1')
  assert.equal(fault('2001:db8:1::1'), '')
})

/** Settings with which a fetch ends after so many seconds. */
const limited = (httpTotal: number): FetchSettings => ({
  timeouts: { httpTotal },
  certificateAuthorities: [],
  proxy: { noProxy: [] },
})

void test('a wait without a network says so, and ends when the network comes', async (context) => {
  const { system, messages } = machineOf({}, 20)
  const fetcher = createFetcher({ system, offline: false })
  await fetcher.configure(limited(600))
  const fetching = fetcher.toMemory({ source: 'http://192.0.2.1/config.ign' })
  const told = /no answer for .* and still trying: no route to the network of the server/
  await until(() => messages.some((message) => told.test(message)))
  sh('ip', 'address', 'add', '192.0.2.1/24', 'dev', addCard(context))
  await serve(context, '192.0.2.1', () => CONFIG)
  assert.equal(new TextDecoder().decode(await fetching), CONFIG)
})

void test('a name that nobody can look up is told', async () => {
  const { system, messages } = machineOf({}, 20)
  const fetcher = createFetcher({ system, offline: false })
  await fetcher.configure(limited(30))
  const said = await failure(fetcher.toMemory({ source: 'http://config.example/config.ign' }))
  assert.match(said, /^FL_FETCH_TIMEOUT: .*(no name server answers|the name is not found) \(getaddrinfo/)
  assert.ok(messages.some((message) => /no answer for .* and still trying: /.test(message)))
})

void test('what noProxy names is asked directly, all else through the proxy', async (context) => {
  const card = addCard(context)
  for (const address of ['192.0.2.1', '192.0.2.2', '192.0.2.3'])
    sh('ip', 'address', 'add', `${address}/24`, 'dev', card)
  await serve(context, '192.0.2.1', () => 'directly')
  await serve(context, '192.0.2.2', () => 'directly too')
  const proxied = await serve(context, '192.0.2.3', () => 'by the proxy')
  const fetcher = createFetcher({ system: machineOf().system, offline: false })
  const proxy = { httpProxy: new Secret('http://192.0.2.3:80'), noProxy: ['192.0.2.1', '198.51.100.0/24'] }
  await fetcher.configure({ ...limited(20), proxy })
  const get = async (url: string) => new TextDecoder().decode(await fetcher.toMemory({ source: url }))
  assert.equal(await get('http://192.0.2.1/x'), 'directly')
  assert.equal(await get('http://192.0.2.2/x'), 'by the proxy')
  assert.deepEqual(proxied, ['GET 192.0.2.2 http://192.0.2.2/x'])
})
