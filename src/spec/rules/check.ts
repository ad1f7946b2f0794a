import type { Config } from '../config.ts'
import type { ConfigPath } from '../report.ts'
import { isSince, type Version } from '../versions.ts'
import type { RuleId } from './catalogue.ts'

/** Adds an entry to the report; `at` leads on from the object looked at, `detail` follows the rule's message. */
export type Add = (rule: RuleId, at: ConfigPath, detail?: string) => void

/** What is known besides the object itself. */
export interface Scope {
  readonly config: Config
  /** Whether the config is declared for `version` or a newer one. */
  readonly since: (version: Version) => boolean
}

/** One check: the objects it looks at, as a path with `[]` behind lists, and what it does there. */
export interface Check {
  readonly on: string
  readonly look: (value: never, add: Add, scope: Scope) => void
}

type Step<Value, Key> = Key extends `${infer Name}[]`
  ? Name extends keyof Value
    ? Value[Name] extends readonly (infer Item)[]
      ? Item
      : never
    : never
  : Key extends keyof Value
    ? Value[Key]
    : never

/** The type of what stands at a path of a config. */
export type ValueAt<Path extends string, Value = Config> = Path extends ''
  ? Value
  : Path extends `${infer Head}.${infer Tail}`
    ? ValueAt<Tail, Step<Value, Head>>
    : Step<Value, Path>

/** Makes a row of the table of checks. */
export const check = <Path extends string>(
  on: Path,
  look: (value: ValueAt<Path>, add: Add, scope: Scope) => void,
): Check => ({ on, look })

export const scopeOf = (config: Config, version: Version): Scope => ({
  config,
  since: (first) => isSince(version, first),
})

const encoder = new TextEncoder()

/** All limits for text count bytes of UTF-8. */
export const byteLength = (text: string): number => encoder.encode(text).length
