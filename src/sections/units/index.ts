import type { Section } from '../../section.ts'
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
  apply: applyUnits,
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
