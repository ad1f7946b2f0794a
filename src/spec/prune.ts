import { Secret } from '../secret.ts'
import { configField } from './config.ts'
import type { Field, ListField, ObjectField, ScalarField } from './field.ts'
import { isSince, type Version, versions } from './versions.ts'

/** A field as one version sees it. */
export type Slot = ScalarSlot | ObjectSlot | ListSlot

interface ScalarSlot {
  readonly kind: ScalarField['kind']
  readonly name: string
  /** Null leaves the value as it was instead of taking it away. */
  readonly always: boolean
  readonly initial: unknown
}

interface ObjectSlot {
  readonly kind: 'object'
  readonly name: string
  readonly shape: Shape
  /** Null takes the object away instead of leaving it as it was, and needs no warning. */
  readonly nullable: boolean
  /** The value of an object that is not there. */
  readonly initial: Struct
}

interface ListSlot {
  readonly kind: 'list'
  readonly name: string
  readonly item: ScalarSlot | ObjectSlot
  readonly initial: readonly unknown[]
}

/** A decoded object while it is being filled. */
export type Struct = Record<string, unknown>

/** An object as one version sees it: fields that are newer are not there. */
export interface Shape {
  readonly slots: ReadonlyMap<string, Slot>
  /** Slots by the length of their name. */
  readonly slotsByLength: readonly (readonly Slot[])[]
  /** By the key in lower case. */
  readonly foldedSlots: ReadonlyMap<string, Slot>
  /** What an object is before any of its members is read. */
  readonly empty: Struct
}

const noItems: readonly unknown[] = []
const zeros = { string: '', integer: 0, boolean: false, secret: new Secret('') }

/** Reads the table as a version sees it. Fields that the version lacks keep the value of absence. */
function shapeOf(field: ObjectField, version: Version): Shape {
  const slots = new Map<string, Slot>()
  const empty: Struct = {}
  for (const [name, member] of Object.entries(field.fields)) {
    const slot = slotOf(name, member, version)
    if (isSince(version, member.since)) slots.set(name, slot)
    empty[name] = slot.initial
  }
  const foldedSlots = new Map([...slots].map(([name, slot]) => [foldKey(name), slot]))
  const slotsByLength: Slot[][] = []
  for (const [name, slot] of slots) {
    const sameLength = slotsByLength[name.length] ?? []
    slotsByLength[name.length] = [...sameLength, slot]
  }
  return { slots, slotsByLength, foldedSlots, empty }
}

function slotOf(name: string, field: Field, version: Version): Slot {
  switch (field.kind) {
    case 'object':
      return objectSlot(name, field, version)
    case 'list':
      return { kind: 'list', name, item: itemSlot(field.item, version), initial: noItems }
    case 'string':
    case 'integer':
    case 'boolean':
    case 'secret':
      return scalarSlot(name, field, field.always || !isSince(version, field.optionalSince))
  }
}

function scalarSlot(name: string, field: ScalarField, always: boolean): ScalarSlot {
  return { kind: field.kind, name, always, initial: always ? zeros[field.kind] : undefined }
}

function objectSlot(name: string, field: ObjectField, version: Version): ObjectSlot {
  const nullable = !isSince(version, field.nullNotedSince)
  const shape = shapeOf(field, version)
  const initial = nullable ? shapeOf(field, versions.at(-1) ?? version).empty : shape.empty
  return { kind: 'object', name, shape, nullable, initial }
}

function itemSlot(item: ListField['item'], version: Version): ScalarSlot | ObjectSlot {
  return item.kind === 'object' ? objectSlot('', item, version) : scalarSlot('', item, true)
}

const slotsOfVersions = new Map<Version, ObjectSlot>()

/** The whole config as a version sees it. */
export function configSlot(version: Version): ObjectSlot {
  let slot = slotsOfVersions.get(version)
  if (slot === undefined) {
    slot = objectSlot('', configField, version)
    slotsOfVersions.set(version, slot)
  }
  return slot
}

/** Only what must be known to find out the version of a config. */
export function versionSlot(): ObjectSlot {
  const { ignition } = configField.fields
  const { version } = ignition.fields
  return objectSlot(
    '',
    { ...configField, fields: { ignition: { ...ignition, fields: { version } } } },
    '3.0.0',
  )
}

/** Keys match without regard to case, with the long s and the Kelvin sign, as Go folds them. */
const foldKey = (key: string): string => key.toLowerCase().replaceAll('\u017f', 's')

/** The field that a key means: its own spelling first. */
export const slotFor = (shape: Shape, key: string): Slot | undefined =>
  shape.slots.get(key) ?? shape.foldedSlots.get(foldKey(key))

/** The field whose name stands in `text` at `start`: a look that makes no string. */
export function slotAt(shape: Shape, text: string, start: number, end: number): Slot | undefined {
  const slots = shape.slotsByLength[end - start]
  if (slots === undefined) return undefined
  for (const slot of slots) if (text.startsWith(slot.name, start)) return slot
  return undefined
}
