import { checkPlanHash } from '../plan/check-plan-hash.ts'
import type { SectionContext } from '../section.ts'

/** Has a last word before the commit point: what it throws stops the boot with nothing changed. */
type Objection = (context: SectionContext) => Promise<void> | void

/** Who is asked, in order, when everything is proven. */
export const objections: readonly Objection[] = [checkPlanHash]
