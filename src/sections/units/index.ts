import type { Section } from '../../section.ts'
import type { Config } from '../../spec/config.ts'
import type { ConfigPath } from '../../spec/report.ts'
import { quote } from '../../system/quote.ts'
import { applyUnits } from './apply.ts'
import { observeUnits } from './observe.ts'
import { planUnits, type UnitsFacts, type UnitsStep } from './plan.ts'

/** systemd units: their files and drop-ins, masks, and what the preset file says of them. */
export const units: Section<UnitsFacts, UnitsStep> = {
  name: 'units',
  wanted: ({ config }) => config.systemd.units.length > 0,
  observe: observeUnits,
  plan: planUnits,
  describe,
  about: aboutUnit,
  apply: applyUnits,
}

/** The unit in the config; a template that is enabled by its instances stands for the first of them. */
function aboutUnit(step: UnitsStep, { systemd }: Config): ConfigPath | undefined {
  const name = step.kind === 'unit' ? step.name : step.unit
  const [prefix = '', suffix = ''] = name.split('@')
  const index = systemd.units.findIndex(
    (unit) =>
      unit.name === name ||
      (step.kind === 'enable' &&
        suffix !== '' &&
        unit.name.startsWith(`${prefix}@`) &&
        unit.name.endsWith(suffix)),
  )
  if (index < 0) return undefined
  return ['systemd', 'units', index, ...(step.kind === 'unit' ? [] : ['enabled'])]
}

function describe(step: UnitsStep): string {
  switch (step.kind) {
    case 'unit':
      return `processing unit ${quote(step.name)}`
    case 'enable':
      return `setting preset to enabled for ${quote(step.line.slice('enable '.length))}`
    case 'disable':
      return `setting preset to disabled for ${quote(step.unit)}`
  }
}
