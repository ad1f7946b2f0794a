import { describe, expect, test } from 'vitest'
import { networkFault } from '../../src/resources/network-fault.ts'
import { Secret } from '../../src/secret.ts'
import { type FakeOptions, fakeSystem } from '../helpers/fake-system.ts'
import { logOf, plainSettings, startFetcher } from './start.ts'

type Tree = NonNullable<FakeOptions['files']>

const net = '/sys/class/net'
const loopback: Tree = { [`${net}/lo/flags`]: '0x9\n', [`${net}/lo/carrier`]: '1\n' }
const card = (name: string, flags: string, carrier?: string): Tree => ({
  [`${net}/${name}/flags`]: `${flags}\n`,
  ...(carrier === undefined ? {} : { [`${net}/${name}/carrier`]: `${carrier}\n` }),
})

/** As the kernel prints them: the main table, then all local addresses. */
const trie = (address: string): string =>
  [
    'Main:',
    '  +-- 0.0.0.0/0 3 0 5',
    '     |-- 0.0.0.0',
    '        /0 universe UNICAST',
    'Local:',
    '  +-- 0.0.0.0/0 2 0 2',
    `     |-- ${address}`,
    '        /32 host LOCAL',
    '     |-- 127.0.0.1',
    '        /32 host LOCAL',
    '',
  ].join('\n')
const noAddress = trie('127.0.0.0')
const routes = (...lines: string[]): string =>
  `${['Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT', ...lines].join('\n')}\n`
const toLink = 'ens3\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0'
const toAll = 'ens3\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0'
const toNowhere = 'ens3\tFEA9FEA9\t00000000\t0205\t0\t0\t0\tFFFFFFFF\t0\t0\t0'

const linked: Tree = { ...loopback, ...card('ens3', '0x1003', '1'), '/proc/net/fib_trie': noAddress }
const addressed: Tree = { ...linked, '/proc/net/fib_trie': trie('192.0.2.2') }
const inet6 = (scope: string) => `fe800000000000000000000000000015 02 40 ${scope} 80     ens3\n`
const route6 = (to: string, length: string, flags = '00000001') =>
  `${to} ${length} ${'0'.repeat(32)} 00 ${'0'.repeat(32)} 00000100 00000001 00000000 ${flags}     ens3\n`

const metadata = '169.254.169.254'
const linkLocal = 'fe80::a9fe:a9fe%ens3'

const cases: readonly [what: string, files: Tree, host: string, fault: string | undefined][] = [
  ['a machine in memory', {}, metadata, undefined],
  ['no card', loopback, metadata, 'no network interface; is the driver'],
  [
    'a file of the bonding driver',
    { ...loopback, [`${net}/bonding_masters`]: '' },
    metadata,
    'no network interface;',
  ],
  [
    'no link',
    { ...loopback, ...card('ens3', '0x1002'), ...card('ens4', '0x1003', '0') },
    metadata,
    'has a link: ens3 is down, ens4 has no carrier',
  ],
  ['no address', linked, metadata, 'has an IPv4 address; there is a link on ens3'],
  ['no address for a name', linked, 'config.example', 'has an address; there is a link on ens3'],
  [
    'a link-local address is none for a name',
    { ...linked, '/proc/net/if_inet6': inet6('20') },
    'a.example',
    'has an address',
  ],
  ['IPv6 is enough for a name', { ...linked, '/proc/net/if_inet6': inet6('00') }, 'a.example', undefined],
  ['no IPv6', addressed, '2001:db8::1', 'has an IPv6 address'],
  ['no link-local IPv6', addressed, linkLocal, 'has a link-local IPv6 address'],
  ['link-local IPv6', { ...linked, '/proc/net/if_inet6': inet6('20') }, linkLocal, undefined],
  ['no route', { ...addressed, '/proc/net/route': routes(toLink) }, metadata, `no route to ${metadata}`],
  ['a route to the link', { ...addressed, '/proc/net/route': routes(toLink) }, '192.0.2.9', undefined],
  ['a route to all', { ...addressed, '/proc/net/route': routes(toLink, toAll) }, metadata, undefined],
  ['a route that is refused', { ...addressed, '/proc/net/route': routes(toNowhere) }, metadata, 'no route'],
  [
    'no IPv6 route',
    {
      ...linked,
      '/proc/net/if_inet6': inet6('00'),
      '/proc/net/ipv6_route': route6(`20010db8${'0'.repeat(24)}`, '20'),
    },
    '2001:db9::1',
    'no route to 2001:db9::1',
  ],
  [
    'an IPv6 route',
    {
      ...linked,
      '/proc/net/if_inet6': inet6('00'),
      '/proc/net/ipv6_route': route6(`20010db8${'0'.repeat(24)}`, '20'),
    },
    '2001:db8:9::1',
    undefined,
  ],
  [
    'an IPv6 route that is refused',
    {
      ...linked,
      '/proc/net/if_inet6': inet6('00'),
      '/proc/net/ipv6_route': route6('0'.repeat(32), '00', '00200200'),
    },
    '2001:db8::1',
    'no route to 2001:db8::1',
  ],
  ['this machine itself needs nothing', loopback, '127.0.0.1', undefined],
  ['by IPv6', loopback, '::1', undefined],
  ['by name', loopback, 'localhost', undefined],
]

describe('what the network lacks', () => {
  test.each(cases)('%s', (_what, files, host, fault) => {
    const said = networkFault(fakeSystem({ files }).files, host)
    if (fault === undefined) expect(said).toBeUndefined()
    else expect(said).toContain(fault)
  })
})

describe('is told', () => {
  const url = 'http://192.0.2.80/config.ign'
  const unreachable = Object.assign(new Error('connect ENETUNREACH 192.0.2.80:80'), { code: 'ENETUNREACH' })
  const why =
    'the last attempt failed: no route to the network of the server (connect ENETUNREACH 192.0.2.80:80); ' +
    'no network interface has a link: ens3 has no carrier'

  test('while it is waited for, and in the error', async () => {
    const { fetcher, system } = startFetcher({
      files: { ...loopback, ...card('ens3', '0x1003', '0') },
      server: () => unreachable,
    })
    await fetcher.configure({ ...plainSettings, timeouts: { httpTotal: 20 } })
    await expect(fetcher.toMemory({ source: url })).rejects.toMatchObject({
      code: 'FL_FETCH_TIMEOUT',
      message: `GET ${url}: unable to fetch resource in time (20 s); ${why}`,
    })
    const told = logOf(system).filter((line) => line.startsWith('notice'))
    expect(told).toEqual(
      [5, 10].map(
        (seconds) =>
          `notice GET ${url}: no answer for ${seconds} s and still trying: ` +
          why.replace('the last attempt failed: ', ''),
      ),
    )
  })

  test('of the proxy, when there is one', async () => {
    const { fetcher } = startFetcher({ files: loopback, server: () => unreachable })
    const settings = { ...plainSettings, timeouts: { httpTotal: 20 } }
    await fetcher.configure({
      ...settings,
      proxy: { httpProxy: new Secret('http://127.0.0.1:3128'), noProxy: [] },
    })
    await expect(fetcher.toMemory({ source: url })).rejects.not.toThrow('no network interface')
    await fetcher.configure({
      ...settings,
      proxy: { httpProxy: new Secret('proxy.example:3128'), noProxy: [] },
    })
    await expect(fetcher.toMemory({ source: url })).rejects.toThrow('no network interface')
  })

  test('of a TFTP server too', async () => {
    const { fetcher, system } = startFetcher({ files: loopback })
    await expect(fetcher.toMemory({ source: 'tftp://192.0.2.69/x' })).rejects.toMatchObject({
      code: 'FL_FETCH_TIMEOUT',
    })
    expect(logOf(system).filter((line) => line.startsWith('notice'))).toEqual(
      [5, 10, 20].map(
        (seconds) =>
          `notice tftp://192.0.2.69/x: no answer for ${seconds} s and still trying: the server is silent; ` +
          'this machine has no network interface; is the driver of its network card in the initramfs?',
      ),
    )
  })
})
