import type { Section, SectionContext } from '../../section.ts'
import type { State } from '../../state.ts'
import { quote } from '../../system/quote.ts'
import { applyMount } from './apply.ts'
import { claimOf, observeMounts } from './observe.ts'
import { type MountStep, type MountsFacts, mountablesOf, pathOfMount, planMounts } from './plan.ts'

/** Mounts the config's filesystems in the new root, for one stage. */
export function createMounts(): Section<MountsFacts, MountStep> {
  const made = new Set<string>()
  const remember = ({ state }: SectionContext): State => ({
    ...state,
    notatedDirectories: [...new Set([...state.notatedDirectories, ...made])],
  })
  return {
    name: 'mounts',
    wanted: ({ config, mode }) => mode === 'boot' && mountablesOf(config).length > 0,
    async observe(context) {
      const facts = await observeMounts(context)
      for (const { madeEarlier } of facts.values()) for (const directory of madeEarlier) made.add(directory)
      return facts
    },
    plan: planMounts,
    describe: ({ device, target, format, options }) =>
      `mounting ${quote(device)} at ${quote(target)} with type ${quote(format)} and options ${quote(options.join(','))}`,
    about: ({ path }, config) => pathOfMount(config, path),
    apply: async (context, step) =>
      applyMount(context, step, (directories) => {
        if (directories.length === 0) return
        for (const directory of directories) made.add(directory)
        context.claim(directories.map((directory) => ({ name: claimOf(directory), until: 'boot' })))
        context.keep(remember(context))
      }),
    remember,
  }
}
