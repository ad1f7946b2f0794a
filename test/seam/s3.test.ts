import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { createFetcher } from '../../src/resources/fetch.ts'
import { type CloudAnswer, type CloudRequest, startCloud } from '../helpers/cloud.ts'
import { fakeSystem } from '../helpers/fake-system.ts'
import { signatureFault } from '../helpers/sigv4.ts'

const IMDS = '169.254.169.254'
const SECRET = 'made-up/secret+key'
const ROLE = {
  Code: 'Success',
  AccessKeyId: 'AKIDEXAMPLE',
  SecretAccessKey: SECRET,
  Token: 'made-up//session+token==',
  Expiration: '2099-01-01T00:00:00Z',
}

interface Cloud {
  readonly region?: string
  /** Host and path of an object → its contents. */
  readonly objects?: Readonly<Record<string, string>>
  readonly isPrivate?: boolean
  readonly role?: Partial<typeof ROLE>
  /** Status of the session token, and of the identity document. */
  readonly tokenStatus?: number
  readonly documentStatus?: number
  readonly now?: () => Date
}

function imds({ url, method, headers }: CloudRequest, cloud: Cloud): CloudAnswer {
  const { tokenStatus = 200, documentStatus = 200 } = cloud
  if (url === '/latest/api/token')
    return method === 'PUT' && headers['x-aws-ec2-metadata-token-ttl-seconds'] !== undefined
      ? { status: tokenStatus, body: 'session' }
      : { status: 400 }
  if ((tokenStatus === 200) !== (headers['x-aws-ec2-metadata-token'] === 'session')) return { status: 401 }
  if (url === '/latest/dynamic/instance-identity/document')
    return { status: documentStatus, body: '{"region":"eu-west-3"}' }
  if (url === '/latest/meta-data/iam/security-credentials/')
    return cloud.role ? { body: 'reader\nother' } : { status: 404 }
  if (url === '/latest/meta-data/iam/security-credentials/reader')
    return { body: JSON.stringify({ ...ROLE, ...cloud.role }) }
  return { status: 404 }
}

/** Amazon S3 with the buckets of one region: signatures are checked as Amazon does. */
function amazon(cloud: Cloud) {
  const { region = 'eu-north-1', objects = {}, isPrivate = false, now = () => new Date() } = cloud
  return (request: CloudRequest): CloudAnswer => {
    if (request.host === IMDS) return imds(request, cloud)
    const date = { date: now().toUTCString() }
    if (request.method === 'HEAD')
      return request.host.includes('missing')
        ? { status: 404, headers: date }
        : {
            status: request.host.includes(region) ? 403 : 301,
            headers: { ...date, 'x-amz-bucket-region': region },
          }
    const fault =
      request.headers.authorization === undefined
        ? isPrivate && 'AccessDenied'
        : signatureFault(request, { secret: SECRET, region, now: now() })
    if (fault) return { status: 403, headers: date, body: fault }
    const body = objects[`${request.host}${request.url}`]
    return body === undefined ? { status: 404, headers: date } : { headers: date, body }
  }
}

const start = (cloud: Cloud, options: Parameters<typeof startCloud>[1] = {}) =>
  startCloud(amazon(cloud), options)

type Machine = Awaited<ReturnType<typeof start>>
const read = async ({ fetcher }: Machine, source: string, hash?: string) =>
  new TextDecoder().decode(await fetcher.toMemory({ source, ...(hash ? { verification: { hash } } : {}) }))

describe('as anybody', () => {
  const HOST = 'photos.s3.dualstack.eu-north-1.amazonaws.com'

  test('the region is found, then the object', async () => {
    const machine = await start({ objects: { [`${HOST}/a%20b/c`]: 'contents' } })
    expect(await read(machine, 's3://photos/a%20b/c')).toBe('contents')
    expect(machine.asked).toEqual([
      'HEAD https://photos.s3.us-east-1.amazonaws.com/',
      `GET https://${HOST}/a%20b/c`,
    ])
    await read(machine, 's3://photos/a%20b/c')
    expect(machine.asked).toHaveLength(3)
  })

  test('a version', async () => {
    const machine = await start({ objects: { [`${HOST}/k?versionId=v%2B1`]: 'old' } })
    expect(await read(machine, 's3://photos/k?versionId=v%2B1')).toBe('old')
  })

  test('a bucket with dots is in the path', async () => {
    const objects = { 's3.dualstack.eu-north-1.amazonaws.com/my.photos/k': 'contents' }
    const machine = await start({ objects })
    expect(await read(machine, 's3://my.photos/k')).toBe('contents')
    expect(machine.asked[0]).toBe('HEAD https://s3.us-east-1.amazonaws.com/my.photos')
  })

  test('an empty object', async () => {
    expect(await read(await start({ objects: { [`${HOST}/k`]: '' } }), 's3://photos/k')).toBe('')
  })

  test('the hash is checked', async () => {
    const machine = await start({ objects: { [`${HOST}/k`]: 'contents' } })
    const hash = (text: string) => `sha256-${createHash('sha256').update(text).digest('hex')}`
    expect(await read(machine, 's3://photos/k', hash('contents'))).toBe('contents')
    await expect(read(machine, 's3://photos/k', hash('else'))).rejects.toMatchObject({
      code: 'FL_HASH_MISMATCH',
    })
  })

  test.each([
    ['s3://missing/k', 'could not find bucket "missing": bucket not found'],
    ['s3://photos/none', /error fetching object "none" from bucket "photos": GET .* 404/],
    ['s3://photos/', 'invalid S3 address'],
    ['arn:aws:sqs:::photos/k', 'invalid S3 address'],
    ['arn:aws:s3:us-east-1:1234:accesspoint/ap/other/k', 'could not find bucket'],
  ])('%s fails', async (source, message) => {
    await expect(read(await start({ region: 'x' }), source)).rejects.toThrow(
      source.includes('accesspoint') ? 'invalid S3 address' : message,
    )
  })

  test('compression is refused, and nobody asked', async () => {
    const machine = await start({})
    for (const source of ['s3://photos/k', 'arn:aws:s3:::photos/k'])
      await expect(machine.fetcher.toMemory({ source, compression: 'gzip' })).rejects.toThrow(
        'compression is not supported with that scheme',
      )
    expect(machine.asked).toEqual([])
  })

  test('not without the network', async () => {
    const system = fakeSystem()
    const fetcher = createFetcher({ system, offline: true, platform: 'aws' })
    for (const source of ['s3://a/b', 'arn:aws:s3:::a/b', 'gs://a/b'])
      await expect(fetcher.toMemory({ source })).rejects.toMatchObject({ code: 'FL_NEEDS_NETWORK' })
    expect(system.requests).toEqual([])
  })
})

describe('by ARN', () => {
  test.each([
    ['aws', 'us-east-1', 'amazonaws.com', 'eu-north-1'],
    ['aws-cn', 'cn-north-1', 'amazonaws.com.cn', 'cn-northwest-1'],
    ['aws-us-gov', 'us-gov-west-1', 'amazonaws.com', 'us-gov-east-1'],
  ])('partition %s begins in %s', async (partition, hint, domain, region) => {
    const objects = { [`photos.s3.dualstack.${region}.${domain}/a%2520b`]: 'contents' }
    const machine = await start({ region, objects })
    expect(await read(machine, `arn:${partition}:s3:::photos/a%20b`)).toBe('contents')
    expect(machine.asked[0]).toBe(`HEAD https://photos.s3.${hint}.${domain}/`)
  })

  test('an access point knows its region', async () => {
    const host = 'reader-123456789012.s3-accesspoint.dualstack.eu-north-1.amazonaws.com'
    const machine = await start({ objects: { [`${host}/dir/k`]: 'contents' } })
    const arn = 'arn:aws:s3:eu-north-1:123456789012:accesspoint/reader/object/dir/k'
    expect(await read(machine, arn)).toBe('contents')
    expect(machine.asked).toEqual([`GET https://${host}/dir/k`])
  })
})

describe('as an instance with a role', () => {
  const HOST = 'photos.s3.dualstack.eu-north-1.amazonaws.com'
  const objects = { [`${HOST}/k`]: 'contents' }

  test('the request is signed for the region of the bucket, which is looked for beginning here', async () => {
    const machine = await start({ objects, isPrivate: true, role: {} }, { platform: 'aws' })
    expect(await read(machine, 's3://photos/k')).toBe('contents')
    const token = `PUT http://${IMDS}/latest/api/token`
    expect(machine.asked).toEqual([
      token,
      `GET http://${IMDS}/latest/dynamic/instance-identity/document`,
      'HEAD https://photos.s3.eu-west-3.amazonaws.com/',
      token,
      `GET http://${IMDS}/latest/meta-data/iam/security-credentials/`,
      `GET http://${IMDS}/latest/meta-data/iam/security-credentials/reader`,
      `GET https://${HOST}/k`,
    ])
    await read(machine, 's3://photos/k')
    expect(machine.asked).toHaveLength(8)
  })

  test.each(["/a b/ä+&=!'()*~/%41", '/a/../b', '//k'])('the key %s is signed as it is sent', async (key) => {
    let sent = ''
    const cloud = amazon({ isPrivate: true, role: {} })
    const machine = await startCloud(
      (request) => {
        const answer = cloud(request)
        if (answer.status === 404 && request.host === HOST) sent = request.url
        return answer
      },
      { platform: 'aws' },
    )
    // a signature that is not right would be refused with 403
    await expect(read(machine, `arn:aws:s3:::photos${key}`)).rejects.toThrow('404')
    expect(decodeURIComponent(sent)).toBe(key)
  })

  test('a version is part of what is signed', async () => {
    const versions = { [`${HOST}/k?versionId=a%2Fb`]: 'old' }
    const machine = await start({ objects: versions, isPrivate: true, role: {} }, { platform: 'aws' })
    expect(await read(machine, 's3://photos/k?versionId=a/b')).toBe('old')
  })

  test('a service without tokens is asked in the old way', async () => {
    const cloud = { objects, isPrivate: true, role: {}, tokenStatus: 404 }
    expect(await read(await start(cloud, { platform: 'aws' }), 's3://photos/k')).toBe('contents')
  })

  test('without a role, what is public can be had', async () => {
    const machine = await start({ objects }, { platform: 'aws' })
    expect(await read(machine, 's3://photos/k')).toBe('contents')
  })

  test.each([
    ['no role', undefined, 'the instance has none'],
    ['a role that fails', { Code: 'AssumeRoleUnauthorizedAccess' }, 'answers "AssumeRoleUnauthorizedAccess"'],
    ['a role without a key', { SecretAccessKey: '' }, 'has no "SecretAccessKey"'],
  ])('%s and a private object: the error says both', async (_, role, reason) => {
    const machine = await start({ objects, isPrivate: true, ...(role ? { role } : {}) }, { platform: 'aws' })
    const asked = read(machine, 's3://photos/k')
    await expect(asked).rejects.toThrow('403')
    await expect(asked).rejects.toThrow(`no EC2 IMDS role found: `)
    await expect(asked).rejects.toThrow(reason)
  })

  test('a refusal of the role is not tried again as anybody', async () => {
    const cloud = { objects, role: { SecretAccessKey: 'wrong' } }
    const machine = await start(cloud, { platform: 'aws' })
    await expect(read(machine, 's3://photos/k')).rejects.toThrow('403')
    expect(machine.asked.filter((one) => one.startsWith(`GET https://${HOST}`))).toHaveLength(1)
  })

  test('an instance that does not say its region', async () => {
    const cloud = { objects, role: {}, documentStatus: 404 }
    const machine = await start(cloud, { platform: 'aws' })
    expect(await read(machine, 's3://photos/k')).toBe('contents')
    expect(machine.asked).toContain('HEAD https://photos.s3.us-east-1.amazonaws.com/')
    expect(machine.messages).toContainEqual({
      level: 'warning',
      message: expect.stringContaining('cannot ask the instance for its region'),
    })
  })

  test('a machine that boots in the past signs with the time of the server', async () => {
    const cloud = { objects, isPrivate: true, role: {}, now: () => new Date('2030-06-01T12:00:00Z') }
    const machine = { now: () => new Date('1970-01-01T00:00:10Z') }
    expect(await read(await start(cloud, { platform: 'aws', machine }), 's3://photos/k')).toBe('contents')
  })

  test('also at an access point, whose first answer is the first to say the time', async () => {
    const host = 'reader-1.s3-accesspoint.dualstack.eu-north-1.amazonaws.com'
    const now = () => new Date('2030-06-01T12:00:00Z')
    const cloud = { objects: { [`${host}/k`]: 'contents' }, isPrivate: true, role: {}, now }
    const machine = await start(cloud, { platform: 'aws', machine: { now: () => new Date(10_000) } })
    expect(await read(machine, 'arn:aws:s3:eu-north-1:1:accesspoint/reader/object/k')).toBe('contents')
  })

  test('other platforms have no role', async () => {
    const machine = await start({ objects, role: {} }, { platform: 'azure' })
    expect(await read(machine, 's3://photos/k')).toBe('contents')
    expect(machine.asked.join()).not.toContain(IMDS)
  })

  test('nothing secret is in the log', async () => {
    const machine = await start({ objects, isPrivate: true, role: {} }, { platform: 'aws' })
    await read(machine, 's3://photos/k')
    const log = machine.messages.map(({ message }) => message).join('\n')
    for (const secret of [SECRET, ROLE.Token, 'Signature=']) expect(log).not.toContain(secret)
  })
})
