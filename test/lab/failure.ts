import assert from 'node:assert/strict'

/** Code and message of the error that some work ends with. */
export async function failure(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => assert.fail('it did not fail'),
    (reason: unknown) => reason as Error & { readonly code: string },
  )
  return `${error.code}: ${error.message}`
}
