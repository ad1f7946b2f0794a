import { IgnitionError } from '../errors.ts'
import type { Section, SectionContext } from '../section.ts'
import type { Config } from '../spec/config.ts'

/**
 * A section that this version cannot provision: nothing to do when the config asks nothing of it, and a clear
 * refusal, before anything is changed, when it does.
 */
export function unsupportedSection(options: {
  readonly name: string
  /** What the config asks for: `disk partitions (storage.disks)`. */
  readonly what: string
  readonly asked: (config: Config) => boolean
}): Section<never, never> {
  return {
    name: options.name,
    wanted: ({ config }: SectionContext) => options.asked(config),
    observe() {
      throw new IgnitionError({
        code: 'FL_UNSUPPORTED',
        message: `the config asks for ${options.what}, which this version cannot provision`,
      })
    },
    plan: () => [],
    describe: () => options.what,
    apply() {},
  }
}
