import type { Findings } from './findings.ts'
import { cleanLocalPath, type LocalFiles } from './local.ts'
import type { Origin } from './tree.ts'
import type { Variant } from './variants.ts'

/** A config that a config carries with it. */
export interface EmbeddedConfig {
  readonly bytes: Uint8Array
  readonly from: Origin
}

/** What the steps of an expansion need to know. */
export interface Expansion {
  readonly variant: Variant
  readonly findings: Findings
  /** Collects the configs that this one refers to and brings along. */
  readonly configs: EmbeddedConfig[]
  /** Undefined at boot. */
  readonly local: LocalFiles | undefined
  /** Makes contents smaller on the desk; undefined where that is not worth its time. */
  readonly gzip: ((bytes: Uint8Array) => Uint8Array) | undefined
}

const noFiles =
  'there are no local files here; on the desk, `firstlight expand --files-dir DIR` embeds them into the config'

/** A clean path of a local file; undefined, and a finding, when there can be none. */
export function localPath(expansion: Expansion, path: string, from: Origin, rule: 'BU-LOCAL' | 'BU-TREE') {
  if (expansion.local === undefined) {
    expansion.findings.add(rule, from, noFiles)
    return undefined
  }
  const clean = cleanLocalPath(path)
  if (clean === undefined)
    expansion.findings.add(rule, from, 'it is outside of the directory for local files')
  return clean
}

/** Bytes of a local file; undefined, and a finding, when it cannot be read. */
export function readLocal(expansion: Expansion, path: string, from: Origin): Uint8Array | undefined {
  const clean = localPath(expansion, path, from, 'BU-LOCAL')
  if (clean === undefined || expansion.local === undefined) return undefined
  const read = expansion.local.read(clean)
  if (read.kind === 'bytes') return read.bytes
  expansion.findings.add('BU-LOCAL', from, read.reason)
  return undefined
}

/** Text of a local file; undefined, and a finding, when it cannot be read or is no UTF-8. */
export function readLocalText(expansion: Expansion, path: string, from: Origin): string | undefined {
  const bytes = readLocal(expansion, path, from)
  if (bytes === undefined) return undefined
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    expansion.findings.add('BU-LOCAL', from, 'it is not UTF-8 text')
    return undefined
  }
}
