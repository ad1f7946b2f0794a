import { IgnitionError } from '../errors.ts'
import { Secret } from '../secret.ts'
import { parseJson } from '../spec/parse-json.ts'
import type { System } from '../system/system.ts'
import type { Answer, Question } from './settings.ts'

export interface AwsCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: Secret
  readonly sessionToken: Secret
}

export type Role =
  | { readonly kind: 'role'; readonly credentials: AwsCredentials; readonly endsAt: Date }
  | { readonly kind: 'none'; readonly reason: string }

/** What an instance of EC2 may do, and where it is. Both are asked for when they are first needed. */
export interface AwsIdentity {
  credentials(): Promise<Role>
  /** Undefined when the instance does not say. */
  region(): Promise<string | undefined>
}

type Ask = (question: Question) => Promise<Answer>

/** The instance metadata service: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html */
const service = 'http://169.254.169.254/latest'
const roles = `${service}/meta-data/iam/security-credentials/`

/** Statuses of a service that is too old for tokens, or has them turned off. */
const withoutTokens = [403, 404, 405]

/** Milliseconds before their end at which credentials are asked for again, and after which at the latest. */
const margin = 60_000
const longest = 3_600_000

/** The identity of the instance that this runs on; `ask` ends by itself. */
export function ec2Identity(system: Pick<System, 'log' | 'monotonic' | 'now'>, ask: Ask): AwsIdentity {
  let known: { readonly role: Promise<Role>; until: number } | undefined
  const renewed = () => {
    const entry = { role: askForRole(ask), until: Number.POSITIVE_INFINITY }
    void entry.role.then((role) => {
      const left = role.kind === 'role' ? role.endsAt.getTime() - system.now().getTime() - margin : longest
      entry.until = system.monotonic() + Math.min(left, longest)
      if (role.kind === 'none') system.log('info', `no signature for Amazon S3: ${role.reason}`)
    })
    return entry
  }
  return {
    credentials: async () => {
      if (known === undefined || known.until <= system.monotonic()) known = renewed()
      return known.role
    },
    region: async () => askForRegion(system, ask),
  }
}

/** Never throws: without a role, what is public can be had still. */
async function askForRole(ask: Ask): Promise<Role> {
  try {
    const headers = await tokenHeaders(ask)
    const { status, body } = await ask({ url: roles, headers, accept: [404] })
    const [name = ''] = new TextDecoder().decode(body).split(/\r?\n/)
    if (status === 404 || name === '')
      return { kind: 'none', reason: 'no EC2 IMDS role found: the instance has none' }
    const { body: document } = await ask({ url: `${roles}${name}`, headers })
    return roleIn(new TextDecoder().decode(document), name)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return { kind: 'none', reason: `no EC2 IMDS role found: ${reason}` }
  }
}

async function tokenHeaders(ask: Ask): Promise<NonNullable<Question['headers']>> {
  const { status, body } = await ask({
    method: 'PUT',
    url: `${service}/api/token`,
    headers: [{ name: 'X-Aws-Ec2-Metadata-Token-Ttl-Seconds', value: '300' }],
    accept: withoutTokens,
  })
  if (withoutTokens.includes(status)) return []
  return [{ name: 'X-Aws-Ec2-Metadata-Token', value: new TextDecoder().decode(body).trim() }]
}

function roleIn(text: string, name: string): Role {
  const fields = parseJson(text) as Readonly<Record<string, unknown>>
  const field = (key: string): string => {
    const value = fields[key]
    if (typeof value === 'string' && value !== '') return value
    throw new IgnitionError({ code: 'FL_FETCH', message: `the answer for role "${name}" has no "${key}"` })
  }
  const code = field('Code')
  if (code.toLowerCase() !== 'success')
    return { kind: 'none', reason: `no EC2 IMDS role found: role "${name}" answers "${code}"` }
  return {
    kind: 'role',
    credentials: {
      accessKeyId: field('AccessKeyId'),
      secretAccessKey: new Secret(field('SecretAccessKey')),
      sessionToken: new Secret(field('Token')),
    },
    endsAt: new Date(field('Expiration')),
  }
}

async function askForRegion(system: Pick<System, 'log'>, ask: Ask): Promise<string | undefined> {
  try {
    const headers = await tokenHeaders(ask)
    const { body } = await ask({ url: `${service}/dynamic/instance-identity/document`, headers })
    const { region } = parseJson(new TextDecoder().decode(body)) as { region?: unknown }
    if (typeof region === 'string' && /^[a-z\d-]+$/.test(region)) return region
    system.log('warning', 'the instance identity document does not name a region')
  } catch (error) {
    system.log(
      'warning',
      `cannot ask the instance for its region: ${error instanceof Error ? error.message : String(error)}`,
    )
  }
  return undefined
}
