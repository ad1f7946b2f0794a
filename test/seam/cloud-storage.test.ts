import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { type CloudAnswer, type CloudRequest, startCloud } from '../helpers/cloud.ts'
import { fakeSystem } from '../helpers/fake-system.ts'

const METADATA = '169.254.169.254'

type Machine = Awaited<ReturnType<typeof startCloud>>
const read = async ({ fetcher }: Machine, source: string, rest = {}) =>
  new TextDecoder().decode(await fetcher.toMemory({ source, ...rest }))

describe('Google Cloud Storage', () => {
  const ACCOUNT = '/computeMetadata/v1/instance/service-accounts/default'
  const OBJECT = '/storage/v1/b/bucket/o/dir%2Fa%20b?alt=media'
  const TOKEN = '{"access_token":"made-up","expires_in":3600,"token_type":"Bearer"}'

  const google =
    (given: { scopes?: number; token?: CloudAnswer; isPrivate?: boolean; body?: string | Uint8Array } = {}) =>
    ({ host, url, headers }: CloudRequest): CloudAnswer => {
      if (host === METADATA) {
        if (headers['metadata-flavor'] !== 'Google') return { status: 403 }
        if (url === `${ACCOUNT}/scopes`) return { status: given.scopes ?? 200, body: 'x' }
        if (url.startsWith(`${ACCOUNT}/token?scopes=https%3A%2F%2F`)) return given.token ?? { body: TOKEN }
        return { status: 404 }
      }
      if (host !== 'storage.googleapis.com' || url !== OBJECT) return { status: 404 }
      if (given.isPrivate === true && headers.authorization !== 'Bearer made-up') return { status: 401 }
      return { body: given.body ?? 'contents' }
    }

  test('as the service account, whose token is asked for once', async () => {
    const machine = await startCloud(google({ isPrivate: true }), { platform: 'gcp' })
    expect(await read(machine, 'gs://bucket/dir/a%20b')).toBe('contents')
    expect(await read(machine, 'gs://bucket//dir/a%20b?generation=1')).toBe('contents')
    expect(machine.asked.map((one) => one.split('?')[0])).toEqual([
      `GET http://${METADATA}${ACCOUNT}/scopes`,
      `GET http://${METADATA}${ACCOUNT}/token`,
      'GET https://storage.googleapis.com/storage/v1/b/bucket/o/dir%2Fa%20b',
      'GET https://storage.googleapis.com/storage/v1/b/bucket/o/dir%2Fa%20b',
    ])
  })

  test('as anybody elsewhere, and no metadata service is asked', async () => {
    const { files } = fakeSystem()
    const machine = await startCloud(google(), { platform: 'qemu', machine: { files } })
    expect(await read(machine, 'gs://bucket/dir/a%20b')).toBe('contents')
    expect(machine.asked).toHaveLength(1)
  })

  test.each([
    ['Google Compute Engine\n', true],
    ['Standard PC\n', false],
  ])('firmware that says %j', async (product, isGoogle) => {
    const { files } = fakeSystem({ files: { '/sys/class/dmi/id/product_name': product } })
    const machine = await startCloud(google(), { platform: 'metal', machine: { files } })
    await read(machine, 'gs://bucket/dir/a%20b')
    expect(machine.asked.join().includes(METADATA)).toBe(isGoogle)
  })

  test('as anybody where the instance has no account', async () => {
    const machine = await startCloud(google({ scopes: 404 }), { platform: 'gcp' })
    expect(await read(machine, 'gs://bucket/dir/a%20b')).toBe('contents')
    const priv = await startCloud(google({ scopes: 404, isPrivate: true }), { platform: 'gcp' })
    await expect(read(priv, 'gs://bucket/dir/a%20b')).rejects.toThrow('401')
  })

  test.each([
    ['refused', { status: 403 }],
    ['empty', { body: '{}' }],
    ['not JSON', { body: 'x' }],
  ])('a token that is %s is an error', async (_, token) => {
    const machine = await startCloud(google({ token }), { platform: 'gcp' })
    await expect(read(machine, 'gs://bucket/dir/a%20b')).rejects.toThrow('fetching GCS auth token')
    expect(machine.asked.join()).not.toContain('googleapis.com/storage')
  })

  test('an object with every character has one address', async () => {
    const machine = await startCloud(() => ({ body: '' }))
    await read(machine, "gs://b/-_.~ab$&+=:@,;!*'()%2F%3F%23%C3%A4")
    expect(machine.asked).toEqual([
      'GET https://storage.googleapis.com/storage/v1/b/b/o/-_.~ab$&+=:@%2C%3B%21%2A%27%28%29%2F%3F%23%C3%A4?alt=media',
    ])
  })

  test('compressed', async () => {
    const machine = await startCloud(google({ body: gzipSync('contents') }), { platform: 'gcp' })
    expect(await read(machine, 'gs://bucket/dir/a%20b', { compression: 'gzip' })).toBe('contents')
  })

  test.each(['gs://bucket', 'gs://bucket/', 'gs:///object'])('%s names no object', async (source) => {
    await expect(read(await startCloud(google()), source)).rejects.toMatchObject({
      code: 'FL_CONFIG_INVALID',
    })
  })
})

describe('Azure Blob Storage', () => {
  const HOST = 'acct.blob.core.windows.net'
  const TOKEN_URL =
    '/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https%3A%2F%2Fstorage.azure.com'

  const azure =
    (given: { token?: CloudAnswer; accepts?: string | undefined } = {}) =>
    ({ host, url, headers }: CloudRequest): CloudAnswer => {
      if (host === METADATA)
        return url === TOKEN_URL && headers['metadata'] === 'true'
          ? (given.token ?? { body: '{"access_token":"made-up","expires_in":"86400"}' })
          : { status: 400 }
      const accepted = headers.authorization === given.accepts
      if (headers.authorization !== undefined && headers['x-ms-version'] === undefined) return { status: 400 }
      return accepted ? { body: `${host}${url}` } : { status: 403 }
    }

  test('as the managed identity, whose token is asked for once', async () => {
    const machine = await startCloud(azure({ accepts: 'Bearer made-up' }), { platform: 'azure' })
    expect(await read(machine, `https://${HOST}/container/blob?sig=made-up`)).toBe(`${HOST}/container/blob`)
    expect(await read(machine, `https://${HOST}/container/dir/blob`)).toBe(`${HOST}/container/dir/blob`)
    expect(machine.asked.filter((one) => one.includes('oauth2'))).toHaveLength(1)
    const log = machine.messages.map(({ message }) => message).join('\n')
    expect(log).not.toContain('made-up')
  })

  test.each([
    ['the machine has no identity', { token: { status: 400 } }],
    ['the identity may not read it', {}],
    ['the token is missing', { token: { body: '{}' } }],
  ])('as the URL says when %s', async (_, given) => {
    const machine = await startCloud(azure(given), { platform: 'azure' })
    const path = '/container/blob?sv=1&sig=made-up'
    expect(await read(machine, `https://${HOST}${path}`)).toBe(`${HOST}${path}`)
    expect(machine.messages).toContainEqual({
      level: 'info',
      message: expect.stringContaining('not as this machine, so as anybody'),
    })
  })

  test.each([
    ['another platform', 'aws', `https://${HOST}/container/blob`],
    ['http', 'azure', `http://${HOST}/container/blob`],
    ['no blob', 'azure', `https://${HOST}/container`],
    ['another host', 'azure', 'https://blob.core.windows.net.example.com/container/blob'],
  ])('%s: as anybody at once', async (_, platform, source) => {
    const machine = await startCloud(azure(), { platform })
    await read(machine, source)
    expect(machine.asked).toEqual([`GET ${source}`])
  })
})
