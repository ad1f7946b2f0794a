import type { Field, ObjectField } from '../field.ts'
import type { Check } from './check.ts'

/** What to do at an object and which of its members to visit: only branches with something to do are in it. */
export interface Plan {
  readonly looks: readonly Check['look'][]
  readonly keyedLists: readonly KeyedList[]
  readonly members: readonly { readonly name: string; readonly isList: boolean; readonly plan: Plan }[]
}

/** A list whose items must differ in their keys, also from those of other lists of the namespace. */
export interface KeyedList {
  readonly name: string
  readonly namespace: string
  readonly keyOf: (item: unknown) => string
}

type ChecksByPath = ReadonlyMap<string, readonly Check[]>

/** Lays the checks over the table of fields; those of one object keep their order. */
export const planChecks = (config: ObjectField, checks: readonly Check[]): Plan =>
  planFor(
    config,
    '',
    Map.groupBy(checks, ({ on }) => on),
  ) ?? { looks: [], keyedLists: [], members: [] }

/** `path` has `[]` behind lists. */
function planFor(field: Field, path: string, checks: ChecksByPath): Plan | undefined {
  const looks = (checks.get(path) ?? []).map(({ look }) => look)
  const keyedLists = field.kind === 'object' ? findKeyedLists(field) : []
  const members = field.kind === 'object' ? planMembers(field, path, checks) : []
  if (looks.length + keyedLists.length + members.length === 0) return undefined
  return { looks, keyedLists, members }
}

function findKeyedLists({ fields }: ObjectField): readonly KeyedList[] {
  return Object.entries(fields).flatMap(([name, field]) => {
    if (field.kind !== 'list' || field.identity.kind !== 'keyed') return []
    const { identity } = field
    return [{ name, namespace: identity.namespace ?? name, keyOf: (item: unknown) => identity.key(item) }]
  })
}

function planMembers({ fields }: ObjectField, path: string, checks: ChecksByPath): Plan['members'] {
  return Object.entries(fields).flatMap(([name, member]) => {
    const isList = member.kind === 'list'
    const at = `${path === '' ? '' : `${path}.`}${name}${isList ? '[]' : ''}`
    const plan = planFor(isList ? member.item : member, at, checks)
    return plan === undefined ? [] : [{ name, isList, plan }]
  })
}
