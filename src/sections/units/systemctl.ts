import type { SectionContext } from '../../section.ts'

/** `is-enabled` fails in several ways for units that are not enabled or not there: none of them is an error here. */
const anyExitCode = Array.from({ length: 256 }, (_, code) => code)

/** How a unit is enabled in the new root, in systemctl's words; undefined when it is not, or is not there. */
export async function enabledState(
  { system, root }: SectionContext,
  unit: string,
): Promise<string | undefined> {
  const args = ['--root', root || '/', 'is-enabled', unit]
  const { exitCode, stdout } = await system.run('systemctl', args, { accept: anyExitCode })
  return exitCode === 0 ? (stdout.trim().split('\n').at(-1) ?? '') : undefined
}

/** Removes the links that enable a unit in the new root. */
export async function disableUnit({ system, root }: SectionContext, unit: string): Promise<void> {
  await system.run('systemctl', ['--root', root || '/', 'disable', unit])
}
