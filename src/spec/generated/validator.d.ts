// Generated from src/spec/config.ts by build/generate.ts: do not edit.
export declare const validate: {
  (value: unknown): value is object
  readonly errors?: readonly { readonly instancePath: string; readonly message?: string }[] | null
}
