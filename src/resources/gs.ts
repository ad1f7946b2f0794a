import { IgnitionError } from '../errors.ts'
import { parseJson } from '../spec/parse-json.ts'
import { percentDecode } from '../spec/percent.ts'
import type { System } from '../system/system.ts'
import type { Answer, Question } from './settings.ts'

type Ask = (question: Question) => Promise<Answer>

/** The metadata server's account of the instance: https://cloud.google.com/compute/docs/access/authenticate-workloads */
const account = 'http://169.254.169.254/computeMetadata/v1/instance/service-accounts/default'
const scope = 'https://www.googleapis.com/auth/devstorage.read_only'
const headers = [{ name: 'Metadata-Flavor', value: 'Google' }]

/** Where the firmware says who made the machine. */
const productName = '/sys/class/dmi/id/product_name'

/** Milliseconds before its end at which a token is asked for again. */
const margin = 225_000

/** Tokens of the service account of an instance of Google's; undefined when there is none. */
export interface GoogleIdentity {
  token(): Promise<string | undefined>
}

/** URL of an object's contents: https://cloud.google.com/storage/docs/json_api/v1/objects/get */
export function googleUrl(source: string): string {
  const [, bucket = '', path = ''] = /^gs:\/\/([^/?#]*)\/*([^?#]*)/is.exec(source) ?? []
  const object = new TextDecoder().decode(percentDecode(path)).replace(/^\/+/, '')
  if (bucket === '' || object === '')
    throw new IgnitionError({
      code: 'FL_CONFIG_INVALID',
      message: `${source}: invalid Google Cloud Storage address: it is gs://BUCKET/OBJECT`,
    })
  return `https://storage.googleapis.com/storage/v1/b/${bucket}/o/${escapeSegment(object)}?alt=media`
}

/** As the reference escapes a segment of a path: of what is reserved, these six characters stay. */
const escapeSegment = (text: string): string =>
  encodeURIComponent(text)
    .replace(/%(24|26|2B|3A|3D|40)/g, (escaped) => decodeURIComponent(escaped))
    .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)

/** The instance's identity. `onGoogle` says that it is one of Google's; else the firmware is asked. */
export function googleIdentity(
  system: Pick<System, 'files' | 'log' | 'monotonic'>,
  ask: Ask,
  { onGoogle }: { readonly onGoogle: boolean },
): GoogleIdentity {
  let known: { readonly token: Promise<string | undefined>; until: number } | undefined
  const renewed = () => {
    const entry = { token: askForToken(), until: Number.POSITIVE_INFINITY }
    return entry

    async function askForToken(): Promise<string | undefined> {
      if (!(await hasScopes(system, ask))) return undefined
      const { token, seconds } = await askToken(ask)
      entry.until = system.monotonic() + seconds * 1000 - margin
      return token
    }
  }
  return {
    async token() {
      if (!onGoogle && !isGoogle(system)) return undefined
      if (known === undefined || known.until <= system.monotonic()) known = renewed()
      try {
        return await known.token
      } catch (error) {
        known = undefined
        throw error
      }
    },
  }
}

function isGoogle({ files }: Pick<System, 'files'>): boolean {
  if (files.stat(productName) === undefined) return false
  return ['Google', 'Google Compute Engine'].includes(files.readText(productName).trim())
}

/** Without a service account, what is public can be had still. */
async function hasScopes(system: Pick<System, 'log'>, ask: Ask): Promise<boolean> {
  try {
    await ask({ url: `${account}/scopes`, headers })
    return true
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    system.log('debug', `asking Google Cloud Storage as anybody: ${reason}`)
    return false
  }
}

async function askToken(ask: Ask): Promise<{ readonly token: string; readonly seconds: number }> {
  try {
    const url = `${account}/token?scopes=${encodeURIComponent(scope)}`
    const { body } = await ask({ url, headers })
    const fields = parseJson(new TextDecoder().decode(body)) as Readonly<Record<string, unknown>>
    const { access_token: token, expires_in: seconds } = fields
    if (typeof token !== 'string' || token === '') throw new Error('the answer has no "access_token"')
    return { token, seconds: typeof seconds === 'number' ? seconds : 0 }
  } catch (cause) {
    throw new IgnitionError({
      code: 'FL_FETCH',
      message: `fetching GCS auth token: ${cause instanceof Error ? cause.message : String(cause)}`,
      cause,
    })
  }
}
