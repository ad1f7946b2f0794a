import { machineShape } from '../src/plan/machine.ts'
import { jsonSchemaOf } from '../src/plan/shape.ts'
import { planShape } from '../src/plan/shape-of-plan.ts'
import { versions } from '../src/spec/versions.ts'
import { errorPage } from './error-page.ts'
import { fieldPage } from './field-page.ts'
import { rulePage } from './rule-page.ts'
import { schemaOf } from './schema.ts'
import { validatorCode, validatorTypes } from './validator.ts'
import { waitPage } from './wait-page.ts'

/** Every file that is made from a table: its path from the root of the project and its text. */
export const generatedFiles: readonly { readonly path: string; readonly text: () => string }[] = [
  { path: 'src/spec/generated/validator.js', text: validatorCode },
  { path: 'src/spec/generated/validator.d.ts', text: () => validatorTypes },
  { path: 'docs/errors.md', text: errorPage },
  { path: 'docs/waits.md', text: waitPage },
  { path: 'docs/spec/fields.md', text: fieldPage },
  { path: 'docs/spec/rules.md', text: rulePage },
  ...Object.entries({ machine: machineShape, plan: planShape }).map(([name, shape]) => ({
    path: `docs/spec/schema/firstlight-${name}.json`,
    text: () => `${JSON.stringify(jsonSchemaOf(shape), undefined, 1)}\n`,
  })),
  ...versions.map((version) => ({
    path: `docs/spec/schema/${version}.json`,
    text: () => `${JSON.stringify(schemaOf(version), undefined, 1)}\n`,
  })),
]
