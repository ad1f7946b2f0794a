import { IgnitionError } from '../errors.ts'
import { Secret } from '../secret.ts'
import { parseJson } from '../spec/parse-json.ts'
import type { Header } from './headers.ts'
import type { Answer, Question } from './settings.ts'

type Ask = (question: Question) => Promise<Answer>

/** https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token */
const tokenUrl =
  'http://169.254.169.254/metadata/identity/oauth2/token' +
  '?api-version=2018-02-01&resource=https%3A%2F%2Fstorage.azure.com'

/** Any that knows bearer tokens: https://learn.microsoft.com/rest/api/storageservices/versioning-for-the-azure-storage-services */
const serviceVersion = '2024-11-04'

/** The service makes tokens while it answers so. */
const notYet = [404, 410, 429]

/** Milliseconds before its end at which a token is asked for again. */
const margin = 300_000

/** What a virtual machine on Azure may read. */
export interface AzureIdentity {
  /** Throws `IgnitionError` when the machine has no identity. */
  headers(): Promise<readonly Header[]>
}

/** The address without its query when it is that of a blob; a signature in the query would be a second identity. */
export function blobUrl(source: string): string | undefined {
  const [, url] = /^(https:\/\/[^/?#@]+\.blob\.core\.windows\.net\/+[^/?#]+\/+[^?#]+)/i.exec(source) ?? []
  return url
}

/** The managed identity of this machine. */
export function azureIdentity(ask: Ask, monotonic: () => number): AzureIdentity {
  // a refusal is remembered too: every fetch would wait for it again
  let known: { readonly token: Promise<string>; until: number } | undefined
  const renewed = () => {
    const entry = { token: askForToken(), until: Number.POSITIVE_INFINITY }
    return entry

    async function askForToken(): Promise<string> {
      const { token, seconds } = await askToken(ask)
      entry.until = monotonic() + seconds * 1000 - margin
      return token
    }
  }
  return {
    async headers() {
      if (known === undefined || known.until <= monotonic()) known = renewed()
      const token = await known.token
      return [
        ['Authorization', new Secret(`Bearer ${token}`)],
        ['x-ms-version', serviceVersion],
        ['Accept-Encoding', 'identity'],
      ]
    },
  }
}

async function askToken(ask: Ask): Promise<{ readonly token: string; readonly seconds: number }> {
  const { body } = await ask({ url: tokenUrl, headers: [{ name: 'Metadata', value: 'true' }], retry: notYet })
  const fields = parseJson(new TextDecoder().decode(body)) as Readonly<Record<string, unknown>>
  const { access_token: token, expires_in: seconds } = fields
  if (typeof token !== 'string' || token === '')
    throw new IgnitionError({ code: 'FL_FETCH', message: `${tokenUrl} answers without an "access_token"` })
  return { token, seconds: Number(seconds) || 0 }
}
