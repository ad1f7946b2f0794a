import { IgnitionError } from './errors.ts'
import { Secret } from './secret.ts'
import { replaceSecret } from './secret-files.ts'
import { parseJson } from './spec/parse-json.ts'
import { emptyState, type State } from './state.ts'
import type { System } from './system/system.ts'

type Texts = Readonly<Record<string, string>>
type Secrets = State['luksPersistKeyFiles']

/** As it stands in the file. */
type StoredState = {
  readonly [Name in keyof State]: State[Name] extends Secrets ? Texts | null : State[Name]
}

const secretsOf = (texts: Texts | null | undefined): Secrets =>
  texts ? Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, new Secret(text)])) : null

const textsOf = (secrets: Secrets): Texts | null =>
  secrets && Object.fromEntries(Object.entries(secrets).map(([name, secret]) => [name, secret.reveal()]))

/** Reads what earlier stages left; a missing file is an empty state. Throws `FL_STATE_UNREADABLE`. */
export function readState(system: System, path: string): State {
  if (system.files.stat(path) === undefined) return emptyState
  try {
    const read = parseJson(system.files.readText(path)) as Partial<StoredState>
    return {
      fetchedConfigs: read.fetchedConfigs ?? [],
      luksPersistKeyFiles: secretsOf(read.luksPersistKeyFiles),
      notatedDirectories: read.notatedDirectories ?? [],
      providerOutputFiles: read.providerOutputFiles ?? [],
      luksPersistVolumeKeyFiles: secretsOf(read.luksPersistVolumeKeyFiles),
    }
  } catch (cause) {
    throw new IgnitionError({
      code: 'FL_STATE_UNREADABLE',
      message: `cannot read the state file "${path}"`,
      cause,
    })
  }
}

/** Keeps the state for the next stage: one line of JSON in the reference's format, for root's eyes only. */
export function writeState(system: System, options: { path: string; state: State }): void {
  const { path, state } = options
  const orNull = <T>(list: readonly T[]): readonly T[] | null => (list.length === 0 ? null : list)
  const text = JSON.stringify({
    fetchedConfigs: orNull(state.fetchedConfigs),
    luksPersistKeyFiles: textsOf(state.luksPersistKeyFiles),
    notatedDirectories: orNull(state.notatedDirectories),
    providerOutputFiles: orNull(state.providerOutputFiles),
    luksPersistVolumeKeyFiles: textsOf(state.luksPersistVolumeKeyFiles),
  })
  try {
    // most stages change nothing of it
    if (isKept(system, path, `${text}\n`)) return
    makeParents(system, path)
    const write = () => system.files.writeDurably(path, `${text}\n`, { mode: stateMode })
    if (hasSecrets(system, path)) replaceSecret(system, path, write)
    else write()
  } catch (cause) {
    throw new IgnitionError({ code: 'FL_FILE', message: `cannot write the state file "${path}"`, cause })
  }
}

/** A state may have keys in it. */
const stateMode = 0o600

function isKept({ files }: System, path: string, text: string): boolean {
  const stat = files.lstat(path)
  return stat?.type === 'file' && stat.mode === stateMode && files.readText(path) === text
}

/** Most machines have none, and overwriting takes time on a disk. */
const hasSecrets = ({ files }: System, path: string): boolean =>
  files.lstat(path)?.type === 'file' && /Files":[{[]./.test(files.readText(path))

/** Makes the missing parents of a file, mode 0700 unless told otherwise. */
export function makeParents(system: System, path: string, mode = 0o700): void {
  const parent = path.slice(0, Math.max(path.lastIndexOf('/'), 0))
  if (parent === '' || system.files.stat(parent) !== undefined) return
  makeParents(system, parent, mode)
  system.files.makeDirectory(parent, { mode })
}
