import { firstlightArguments } from '../firstlight-arguments.ts'
import type { SectionContext } from '../section.ts'

/**
 * Before the first change of a boot: when the kernel argument `firstlight.plan_hash` names a plan, no other is carried
 * out. Throws `FL_PLAN_CHANGED`. Loads the planner only then.
 */
export async function checkPlanHash({ system, config, state }: SectionContext): Promise<void> {
  const reviewed = firstlightArguments(system).get('plan_hash')
  if (reviewed === undefined) return
  const [{ planMachine }, { requirePlan }] = await Promise.all([
    import('./plan-machine.ts'),
    import('./hash.ts'),
  ])
  const plan = await planMachine({ system, config, state })
  requirePlan(reviewed, plan, config)
  system.log('notice', `the plan is the one that was reviewed: ${plan.hash}`)
}
