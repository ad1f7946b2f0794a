import { runFile } from '../run-files.ts'
import type { ConfigPath } from '../spec/report.ts'
import { makeParents } from '../state-file.ts'
import type { System } from '../system/system.ts'

/** How contents from afar fared. */
export type ProvenContent = {
  readonly about: ConfigPath
  /** URL without secrets. */
  readonly source: string
} & ({ readonly status: 'staged'; readonly sizeBytes: number } | { readonly status: 'unproven' })

/** Something that only the run itself will show. */
export interface Unknown {
  /** The part of the rendered config that it stands for. */
  readonly about: ConfigPath
  /** Device, path or name, and why it cannot be known, in one line. */
  readonly message: string
}

/** What was proven before the first change of this boot. */
export interface ProofRecord {
  readonly version: 1
  /** Digest of the rendered config. */
  readonly config: string
  readonly contents: readonly ProvenContent[]
  readonly unknown: readonly Unknown[]
}

/** The record of a proof in this boot; undefined when there is none that can be read. */
export function readRecord(system: System): ProofRecord | undefined {
  const path = runFile(system, 'proof')
  if (system.files.lstat(path)?.type !== 'file') return undefined
  try {
    return JSON.parse(system.files.readText(path)) as ProofRecord
  } catch {
    return undefined
  }
}

/** Keeps the record for the later stages of this boot and for the outcome report. */
export function writeRecord(system: System, record: ProofRecord): void {
  const path = runFile(system, 'proof')
  makeParents(system, path, 0o755)
  system.files.write(path, `${JSON.stringify(record)}\n`, { mode: 0o600 })
}
