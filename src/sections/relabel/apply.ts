import type { SectionContext } from '../../section.ts'
import { fileContextsOf } from './observe.ts'
import { planRelabel, type RelabelStep } from './plan.ts'

/** Sets the labels of the policy on files and, with all they hold, directories. */
export async function applyRelabel({ system, root }: SectionContext, step: RelabelStep): Promise<void> {
  const rootOption = root === '' ? [] : ['-r', root]
  await system.run('setfiles', ['-vF0', ...rootOption, step.fileContexts, '-f', '-'], {
    input: step.paths.map((path) => `${path}\0`).join(''),
  })
}

/** For other sections: labels paths (absolute, on the machine) at once; nothing on a root without SELinux. */
export async function relabelNow(context: SectionContext, paths: readonly string[]): Promise<void> {
  const fileContexts = fileContextsOf(context)
  if (fileContexts === undefined) return
  for (const step of planRelabel({ kind: 'policy', fileContexts, paths }))
    await context.system.operation(describeRelabel(step), async (system) =>
      applyRelabel({ ...context, system }, step),
    )
}

/** A step in the words of the log. */
export const describeRelabel = ({ paths }: RelabelStep) => `relabeling ${paths.length} patterns`
