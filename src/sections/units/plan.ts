import { isSet, type Secret } from '../../secret.ts'
import type { Config, ConfigUnit } from '../../spec/config.ts'
import { type PresetLine, presetLines } from './preset.ts'

/** What there is under the names of a unit. */
export interface UnitFacts {
  /** Text of the unit file; undefined unless it is a regular file with mode 0644 and root's. */
  readonly contents: string | undefined
  /** Whether the unit file is a symbolic link to /dev/null. */
  readonly masked: boolean
  /** Drop-in name → its text, as for `contents`. */
  readonly dropins: ReadonlyMap<string, string>
  /** How a unit that is to be disabled is enabled, in systemctl's words (`static` counts); undefined when it is not. */
  readonly enabled: string | undefined
}

export interface UnitsFacts {
  readonly units: ReadonlyMap<string, UnitFacts>
  /** Lines of the preset file. */
  readonly presets: ReadonlySet<string>
}

export type UnitAction =
  | { readonly kind: 'writeDropin'; readonly unit: string; readonly name: string; readonly contents: Secret }
  | { readonly kind: 'writeUnit'; readonly unit: string; readonly contents: Secret }
  | { readonly kind: 'mask'; readonly unit: string }
  | { readonly kind: 'unmask'; readonly unit: string }

export type UnitsStep =
  | { readonly kind: 'unit'; readonly name: string; readonly actions: readonly UnitAction[] }
  | PresetLine

/** Unit files in the order of the config, then one step for each line of the preset file. */
export function planUnits({ systemd }: Config, facts: UnitsFacts): readonly UnitsStep[] {
  const changed = new Set<string>()
  const steps: UnitsStep[] = []
  for (const unit of systemd.units) {
    const actions = planUnit(unit, facts.units.get(unit.name))
    if (actions.length === 0) continue
    changed.add(unit.name)
    steps.push({ kind: 'unit', name: unit.name, actions })
  }
  const isNeeded = ({ kind, unit, line }: PresetLine) => {
    if (kind === 'enable') return !facts.presets.has(line)
    const enabled = facts.units.get(unit)?.enabled
    return changed.has(unit) || enabled === 'enabled' || (enabled !== undefined && !facts.presets.has(line))
  }
  return [...steps, ...presetLines(systemd.units).filter(isNeeded)]
}

function planUnit(unit: ConfigUnit, existing: UnitFacts | undefined): UnitAction[] {
  const { name, contents, mask, dropins } = unit
  const actions: UnitAction[] = []
  for (const dropin of dropins) {
    const text = dropin.contents?.reveal()
    if (dropin.contents === undefined || text === existing?.dropins.get(dropin.name)) continue
    actions.push({ kind: 'writeDropin', unit: name, name: dropin.name, contents: dropin.contents })
  }
  if (mask === true) return existing?.masked ? actions : [...actions, { kind: 'mask', unit: name }]
  if (isSet(contents) && contents.reveal() !== existing?.contents)
    actions.push({ kind: 'writeUnit', unit: name, contents })
  else if (mask === false && existing?.masked) actions.push({ kind: 'unmask', unit: name })
  return actions
}
