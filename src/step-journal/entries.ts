import type { EarlierClaim } from '../section.ts'
import type { StageName } from '../stages.ts'

/** What a journal is valid for: another config, machine or first boot begins a new one. */
export interface JournalKey {
  /** Digest of the rendered config. */
  readonly config: string
  readonly machine: string
  /** When the first-boot flag was set; empty where there is none. */
  readonly flag: string
}

/** One line of the journal. */
export type Entry =
  /** Boot and stage are for people. */
  | ({ readonly kind: 'run'; readonly boot: string; readonly stage: StageName } & JournalKey)
  | { readonly kind: 'begun'; readonly name: string; readonly before?: string }
  | { readonly kind: 'ended'; readonly name: string }
  | { readonly kind: 'takenBack'; readonly name: string }
  /** Provisioning is over: nothing is unfinished any more. */
  | { readonly kind: 'complete' }

/** One JSON text a line; the first line break closes what a cut may have left open. */
export const formatEntries = (entries: readonly Entry[]): string =>
  `\n${entries.map((entry) => JSON.stringify(entry)).join('\n')}\n`

/** Reads a journal from its beginning. What a cut has left half written is passed over. */
export function readEntries(text: string, key: JournalKey): ReadonlyMap<string, EarlierClaim> {
  const claims = new Map<string, EarlierClaim>()
  let isOurs = false
  for (const entry of text.split('\n').map(parseEntry)) {
    if (entry?.kind === 'run') {
      isOurs = isSameKey(entry, key)
      if (!isOurs) claims.clear()
    } else if (entry && isOurs) take(claims, entry)
  }
  return claims
}

function take(claims: Map<string, EarlierClaim>, entry: Exclude<Entry, { kind: 'run' }>): void {
  switch (entry.kind) {
    case 'begun':
      claims.set(entry.name, { kind: 'begun', before: entry.before })
      break
    case 'ended':
      claims.set(entry.name, { kind: 'ended' })
      break
    case 'takenBack':
      claims.delete(entry.name)
      break
    case 'complete':
      for (const [name, { kind }] of claims) if (kind === 'begun') claims.delete(name)
      break
  }
}

const isSameKey = (one: JournalKey, other: JournalKey) =>
  one.config === other.config && one.machine === other.machine && one.flag === other.flag

function parseEntry(line: string): Entry | undefined {
  if (line === '') return undefined
  try {
    const read = JSON.parse(line) as Partial<Record<string, string>> | null
    return typeof read === 'object' && read !== null && isEntry(read) ? (read as unknown as Entry) : undefined
  } catch {
    return undefined
  }
}

function isEntry(read: Partial<Record<string, string>>): boolean {
  switch (read['kind']) {
    case 'run':
      return typeof read['config'] === 'string'
    case 'begun':
    case 'ended':
    case 'takenBack':
      return typeof read['name'] === 'string'
    default:
      return read['kind'] === 'complete'
  }
}
