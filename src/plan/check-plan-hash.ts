import { configDigest } from '../digest.ts'
import { firstlightArguments } from '../firstlight-arguments.ts'
import { runFile } from '../run-files.ts'
import type { SectionContext } from '../section.ts'
import { makeParents } from '../state-file.ts'

/**
 * Before the first change of a boot: when the kernel argument `firstlight.plan_hash` names a plan, no other is carried
 * out. Once in a boot, for the stages after the first meet another machine. Throws `FL_PLAN_CHANGED`. Loads the planner
 * only when it is needed.
 */
export async function checkPlanHash({ system, config, state }: SectionContext): Promise<void> {
  const reviewed = firstlightArguments(system).get('plan_hash')
  if (reviewed === undefined) return
  const { files } = system
  const path = runFile(system, 'reviewedPlan')
  const checked = `${reviewed} ${configDigest(config)}\n`
  if (files.lstat(path)?.type === 'file' && files.readText(path) === checked)
    return system.log('info', 'this plan was checked earlier in this boot')
  const [{ planMachine }, { requirePlan }] = await Promise.all([
    import('./plan-machine.ts'),
    import('./hash.ts'),
  ])
  requirePlan(reviewed, await planMachine({ system, config, state }), config)
  makeParents(system, path, 0o755)
  files.write(path, checked, { mode: 0o600 })
  system.log('notice', `the plan is the one that was reviewed: ${reviewed}`)
}
