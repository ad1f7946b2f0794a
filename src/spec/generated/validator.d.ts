// Generated from src/spec/config.ts by build/generate.ts: do not edit.
import type { Config } from '../config.ts'

export declare const validate: {
  (value: unknown): value is Config
  readonly errors?: readonly { readonly instancePath: string; readonly message?: string }[] | null
}
