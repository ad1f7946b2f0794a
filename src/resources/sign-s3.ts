import { AwsV4Signer } from 'aws4fetch'
import { Secret } from '../secret.ts'
import type { AwsCredentials } from './ec2.ts'
import type { Header } from './headers.ts'

/** SHA-256 of no bytes: a GET has no body. */
const emptyHash = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

export interface S3Signature {
  readonly url: string
  readonly region: string
  readonly credentials: AwsCredentials
  readonly now: Date
}

/** Headers that sign a GET: https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html */
export async function signS3({ url, region, credentials, now }: S3Signature): Promise<readonly Header[]> {
  const signer = new AwsV4Signer({
    method: 'GET',
    url,
    headers: { 'X-Amz-Content-Sha256': emptyHash },
    accessKeyId: credentials.accessKeyId,
    secretAccessKey: credentials.secretAccessKey.reveal(),
    sessionToken: credentials.sessionToken.reveal(),
    service: 's3',
    region,
    datetime: now.toISOString().replace(/[:-]|\.\d{3}/g, ''),
  })
  // as sent: the signer's own has dot segments collapsed
  signer.encodedPath = url.replace(/^https:\/\/[^/]*|\?.*$/g, '')
  const { headers } = await signer.sign()
  // the session's token is among them
  return Array.from(headers, ([name, value]) => [name, new Secret(value)] as const)
}
