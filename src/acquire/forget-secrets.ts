import { firstlightArguments } from '../firstlight-arguments.ts'
import { readReport } from '../outcome/keep.ts'
import { showUrl } from '../resources/show-url.ts'
import { type Secret, shownSecret } from '../secret.ts'
import { replaceSecret } from '../secret-files.ts'
import { deserializeConfig } from '../spec/deserialize.ts'
import type { ScalarField } from '../spec/field.ts'
import { serializeConfig } from '../spec/serialize.ts'
import type { State } from '../state.ts'
import type { System } from '../system/system.ts'

/** What a cache begins with whose secrets are gone; tools that look for other members do not see it. */
export const forgottenMark = '{"secretsRemoved":true,'

/** The text of a cached config without its secrets: all names, paths, devices and switches stay. */
export function withoutSecrets(cache: string): string {
  if (cache.startsWith(forgottenMark)) return cache
  return forgottenMark + serializeConfig(deserializeConfig(cache), showSecret).slice(1)
}

function showSecret(secret: Secret, { isUrl }: ScalarField): string {
  const text = secret.reveal()
  if (text === '') return ''
  return isUrl && plainUrl.test(text) ? showUrl(text) : shownSecret
}

/** One in which it is known where a password may be; none with inline data. */
const plainUrl = /^(?:[a-z][a-z\d+.-]*:\/\/|arn:)/i

/**
 * After the last stage of a machine that is provisioned: nothing of Firstlight needs the secrets any more, and the
 * files go over into the real root. Returns the state to keep. A failure is a warning: the machine is provisioned.
 */
export function forgetSecrets(
  system: System,
  { cachePath, state }: { cachePath: string; state: State },
): State {
  if (readReport(system)?.outcome !== 'provisioned') return state
  if (firstlightArguments(system).get('secrets') === 'keep') return state
  try {
    replaceSecret(system, cachePath, () =>
      system.files.writeDurably(cachePath, withoutSecrets(system.files.readText(cachePath)), { mode: 0o600 }),
    )
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    system.log('warning', `the secrets of the config stay in "${cachePath}": ${reason}`)
  }
  return { ...state, luksPersistKeyFiles: null, luksPersistVolumeKeyFiles: null, providerOutputFiles: [] }
}
