import type { System } from '../system/system.ts'
import type { AzureIdentity } from './azure-blob.ts'
import type { AwsIdentity } from './ec2.ts'
import type { GoogleIdentity } from './gs.ts'
import type { Answer, Question } from './settings.ts'

/** Who the machine is to the clouds, each found out when it is first needed and then known. */
export interface Identities {
  /** Undefined where the machine is no instance of EC2. */
  aws(): Promise<AwsIdentity | undefined>
  /** Undefined where the machine is not on Azure. */
  azure(): Promise<AzureIdentity | undefined>
  google(): Promise<GoogleIdentity>
  /** Bucket of Amazon S3 → region. */
  readonly bucketRegions: Map<string, string>
}

/** Seconds for one question to a metadata service; Azure's makes the token while it is asked for. */
const askSeconds = 5
const azureSeconds = 60

export function createIdentities(
  platform: string | undefined,
  services: {
    readonly system: System
    /** Asks a metadata service for so many seconds. */
    readonly ask: (seconds: number) => (question: Question) => Promise<Answer>
  },
): Identities {
  const { system, ask } = services
  const aws = once(async () => (await import('./ec2.ts')).ec2Identity(system, ask(askSeconds)))
  const azure = once(async () =>
    (await import('./azure-blob.ts')).azureIdentity(ask(azureSeconds), () => system.monotonic()),
  )
  const google = once(async () =>
    (await import('./gs.ts')).googleIdentity(system, ask(askSeconds), { onGoogle: platform === 'gcp' }),
  )
  return {
    aws: async () => (platform === 'aws' ? aws() : undefined),
    azure: async () => (platform === 'azure' ? azure() : undefined),
    google,
    bucketRegions: new Map(),
  }
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return async () => {
    made ??= make()
    return made
  }
}
