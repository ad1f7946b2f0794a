import type { Config } from './config.ts'
import { validate } from './generated/validator.js'
import { parseJson } from './parse-json.ts'

/**
 * Reads back what `serializeConfig` wrote: types are checked and what is absent is filled in, the rules are not run
 * again. Throws an error that says what is wrong.
 */
export function deserializeConfig(text: string): Config {
  const value: unknown = parseJson(text, wholeNumbers(text))
  if (validate(value)) return value
  const [fault] = validate.errors ?? []
  throw new TypeError(`not a config: ${fault?.instancePath ?? ''} ${fault?.message ?? ''}`)
}

type Reviver = (key: string, value: unknown, context?: { readonly source?: string }) => unknown

/** Brings back integers that a number cannot hold; most configs have none, and then nothing is revived. */
function wholeNumbers(text: string): Reviver | undefined {
  if (!/[0-9]{16}/.test(text)) return undefined
  return (_key, value, { source = '' } = {}) =>
    typeof value === 'number' && !Number.isSafeInteger(value) && /^-?[0-9]+$/.test(source)
      ? BigInt(source)
      : value
}
