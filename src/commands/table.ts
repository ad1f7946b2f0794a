import { checkCommand } from './check-command.ts'
import type { Command } from './io.ts'

const firstlight = async (): Promise<Command> => (await import('./firstlight.ts')).firstlight

/** Name under which the program was started → its command; each is loaded only when it runs. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  firstlight,
  // `node src/main.ts`
  'main.ts': firstlight,
  'ignition-apply': async () => (await import('./ignition-apply.ts')).ignitionApply,
  'ignition-rmcfg': async () => (await import('./ignition-rmcfg.ts')).ignitionRmcfg,
  'ignition-validate': async () => checkCommand((await import('./ignition-validate.ts')).runIgnitionValidate),
}

/** The command for the last component of the name; as in the reference, any other name runs a stage. */
export async function loadCommand(name: string): Promise<Command> {
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined
  return load ? load() : (await import('./ignition.ts')).ignition
}
