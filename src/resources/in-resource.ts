import { type ErrorCode, IgnitionError } from '../errors.ts'
import type { Resource } from '../section.ts'
import type { ConfigPath } from '../spec/report.ts'

/** The member of a resource that an error is about. */
const members: Partial<Record<ErrorCode, ConfigPath>> = {
  FL_FETCH: ['source'],
  FL_FETCH_TIMEOUT: ['source'],
  FL_NEEDS_NETWORK: ['source'],
  FL_UNSUPPORTED: ['source'],
  FL_ADDRESS_REFUSED: ['source'],
  FL_HASH_MISMATCH: ['verification', 'hash'],
  FL_DECOMPRESS: ['compression'],
  FL_STAGING_FULL: ['source'],
}

/** Does work with a resource of the config: an error of the fetch is about the member that is to blame. */
export async function inResource<T>(resource: Resource, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const member = error instanceof IgnitionError ? members[error.code] : undefined
    if (error instanceof IgnitionError && member) error.about ??= { part: resource, member }
    throw error
  }
}
