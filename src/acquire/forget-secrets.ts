import { firstlightArguments } from '../firstlight-arguments.ts'
import { readReport } from '../outcome/keep.ts'
import { showUrl } from '../resources/show-url.ts'
import { replaceSecret } from '../secret-files.ts'
import { parseJson } from '../spec/parse-json.ts'
import type { State } from '../state.ts'
import type { System } from '../system/system.ts'

/** What stands in place of a secret. */
const nothing = '<secret>'

/** Members of a config whose text is a secret, or may have one in it; where they are objects, those stay. */
const secretMembers = new Set(['advertisement', 'config', 'contents', 'passwordHash', 'thumbprint', 'value'])
const urlMembers = new Set(['source', 'url', 'httpProxy', 'httpsProxy'])

/** What a cache begins with whose secrets are gone; tools that look for other members do not see it. */
export const forgottenMark = '{"secretsRemoved":true,'

/** The text of a cached config without its secrets: all names, paths, devices and switches stay. */
export function withoutSecrets(cache: string): string {
  if (cache.startsWith(forgottenMark)) return cache
  const config: unknown = parseJson(cache, (name, value: unknown) => {
    if (typeof value !== 'string' || value === '') return value
    if (secretMembers.has(name) || /^data:/i.test(value)) return nothing
    return urlMembers.has(name) ? showUrl(value) : value
  })
  return forgottenMark + JSON.stringify(config).slice(1)
}

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
