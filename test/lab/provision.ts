import { type AnySection, runSections } from '../../src/run-sections.ts'
import type { SectionContext } from '../../src/section.ts'
import type { Config } from '../../src/spec/config.ts'
import type { State } from '../../src/state.ts'
import { createSystem } from '../../src/system/real.ts'
import type { LogLevel } from '../../src/system/system.ts'
import type { Sketch } from '../helpers/config-of.ts'
import { type StageOptions, stage } from '../helpers/stage.ts'

export interface Provisioned {
  readonly state: State
  readonly messages: readonly { readonly level: LogLevel; readonly message: string }[]
  /** Programs that were started, with their arguments. */
  readonly commands: readonly string[]
}

export interface ProvisionOptions extends Partial<Omit<StageOptions, 'system' | 'config'>> {
  readonly environment?: Readonly<Record<string, string>>
}

/** Provisions sections on the machine of the guest. */
export async function provision(
  sections: readonly AnySection[],
  storage: Sketch<Config['storage']>,
  { environment = {}, ...rest }: ProvisionOptions = {},
): Promise<Provisioned> {
  const messages: { level: LogLevel; message: string }[] = []
  const system = createSystem({
    log: (level, message) => void messages.push({ level, message }),
    environment: { PATH: '/usr/sbin:/usr/bin', TMPDIR: '/run', ...environment },
  })
  const context: SectionContext = stage({ system, config: { storage }, ...rest })
  const state = await runSections(context, sections)
  const commands = messages.flatMap(({ message }) => /executing: (.*)$/.exec(message)?.[1] ?? [])
  return { state, messages, commands }
}
