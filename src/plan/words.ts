import type { Signature } from '../block/signatures.ts'
import type { Model, ModelDevice } from './model.ts'

/** `ext4 "data"`. */
export const signatureInWords = ({ type, label }: Pick<Signature, 'type' | 'label'>) =>
  label === '' ? type : `${type} ${JSON.stringify(label)}`

/** What counts on a device: the first thing that is no partition table. */
const contentOf = ({ signatures = [] }: ModelDevice): Signature | undefined =>
  signatures.find(({ usage }) => usage !== 'partition-table')

/** What a device holds, from the outside in: `crypto_LUKS`, `/dev/mapper/vault`, `ext4 "vault"`. */
export function holdsOf(model: Model, device: ModelDevice): readonly string[] {
  const content = contentOf(device)
  const others = model.filter((each) => each !== device)
  // what is on it is not below itself, whatever a description says
  const inner = others.filter(({ builtOn }) => builtOn.includes(device.path))
  return [
    ...(content ? [signatureInWords(content)] : []),
    ...inner.flatMap((each) => [each.path, ...holdsOf(others, each)]),
  ]
}

/** ` with ext4 "data"`, or nothing. */
export function withContents(model: Model, device: ModelDevice | undefined): string {
  const holds = device ? holdsOf(model, device) : []
  return holds.length === 0 ? '' : ` with ${holds.join(', ')}`
}

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const

/** A size for a person: `512 MiB`, `1.5 GiB`; at most three decimals. */
export function sizeInWords(bytes: number): string {
  let [value, unit] = [bytes, 0]
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit += 1
  }
  return `${Number(value.toFixed(value >= 100 ? 1 : 2))} ${units[unit]}`
}

/** What a disk or a file is named may be anything: nothing of it may steer a terminal, or turn the reader around. */
export const shown = (text: string) =>
  text.replaceAll(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  )
