import type { YamlScalar } from './node.ts'

const nothing = new Set(['', '~', 'null', 'Null', 'NULL'])

/** Whether a value says that there is none. */
export const isNull = ({ text, plain }: YamlScalar): boolean => plain && nothing.has(text)

const words = (value: boolean, list: string) => list.split(' ').map((word) => [word, value] as const)

/** YAML 1.2 knows the first words of each line, YAML 1.1 all of them. */
const booleans = new Map([
  ...words(true, 'true True TRUE yes Yes YES on On ON y Y'),
  ...words(false, 'false False FALSE no No NO off Off OFF n N'),
])

/** The boolean that a value is where a boolean is needed; undefined when it is none. */
export const booleanOf = ({ text, plain }: YamlScalar): boolean | undefined =>
  plain ? booleans.get(text) : undefined

const integers =
  /^(?<sign>[-+]?)(?:0b(?<binary>[01_]+)|0x(?<hex>[0-9a-fA-F_]+)|0o?(?<octal>[0-7_]+)|(?<decimal>0|[1-9][0-9_]*))$/

/**
 * The integer of 64 bits that a value is: `0644` and `0o644` are octal, `0x1a4` and `0b1` what they look like. A
 * bigint only beyond 2^53; undefined when it is none.
 */
export function integerOf({ text, plain }: YamlScalar): number | bigint | undefined {
  // 64 binary digits and a sign: longer ones do not fit and take their time
  if (!plain || text.length > 70) return undefined
  const groups = integers.exec(text)?.groups
  if (groups === undefined) return undefined
  const { sign, binary, hex, octal, decimal } = groups
  const digits = (binary ?? hex ?? octal ?? decimal ?? '').replaceAll('_', '')
  if (digits === '') return undefined
  const prefix = binary !== undefined ? '0b' : hex !== undefined ? '0x' : octal !== undefined ? '0o' : ''
  const magnitude = BigInt(prefix + digits)
  const value = sign === '-' ? -magnitude : magnitude
  if (BigInt.asIntN(64, value) !== value) return undefined
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}
