import type { Section, SectionContext } from '../../section.ts'
import { quote } from '../../system/quote.ts'
import { applyMount } from './apply.ts'
import { observeMounts } from './observe.ts'
import { type MountStep, type MountsFacts, mountablesOf, pathOfMount, planMounts } from './plan.ts'

/** Mounts the config's filesystems in the new root, for one stage. */
export function createMounts(): Section<MountsFacts, MountStep> {
  const made: string[] = []
  return {
    name: 'mounts',
    wanted: ({ config, mode }) => mode === 'boot' && mountablesOf(config).length > 0,
    observe: observeMounts,
    plan: planMounts,
    describe: ({ device, target, format, options }) =>
      `mounting ${quote(device)} at ${quote(target)} with type ${quote(format)} and options ${quote(options.join(','))}`,
    about: ({ path }, config) => pathOfMount(config, path),
    async apply(context, step) {
      made.push(...(await applyMount(context, step)))
    },
    remember: ({ state }: SectionContext) => ({
      ...state,
      notatedDirectories: [...new Set([...state.notatedDirectories, ...made])],
    }),
  }
}
