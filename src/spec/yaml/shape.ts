import { configField } from '../config.ts'
import type { Field, ObjectField } from '../field.ts'
import { isSince } from '../versions.ts'
import { sugar } from './sugar.ts'
import type { Variant } from './variants.ts'

/** A field under the key that YAML has for it. */
interface YamlSlot {
  /** In the spelling of the spec. */
  readonly name: string
  readonly field: Field
}

/** `sizeMiB` → `size_mib`: words joined by underscores. */
export const snakeOf = (name: string): string =>
  name.replace('MiB', 'Mib').replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

type Slots = ReadonlyMap<string, YamlSlot>

const known = new Map<string, Slots>()

/**
 * Keys that the YAML object at `place`, names of the spec with dots, has in a version of a variant: derived from the
 * tables of fields and of sugar.
 */
export function slotsAt(variant: Variant, place: string, object: ObjectField): Slots {
  const key = `${variant.name} ${variant.version} ${place}`
  const slots = known.get(key) ?? findSlots(variant, place, object)
  known.set(key, slots)
  return slots
}

function findSlots(variant: Variant, place: string, object: ObjectField): Slots {
  const slots = new Map<string, YamlSlot>()
  const isResource = 'source' in object.fields && 'verification' in object.fields
  for (const [name, field] of Object.entries(object.fields)) {
    // the version stands at the top
    if (object === configField.fields.ignition && name === 'version') continue
    if (isSince(variant.spec, field.since)) slots.set(snakeOf(name), { name, field })
  }
  for (const row of sugar) {
    if (row.place !== place && !(isResource && row.place === 'resource')) continue
    if (row.since > variant.level || (row.only !== undefined && !row.only.includes(variant.name))) continue
    slots.set(snakeOf(row.name), { name: row.name, field: row.field })
  }
  return slots
}
