import { inPart } from '../../errors.ts'
import type { SectionContext } from '../../section.ts'
import type { ConfigUnit } from '../../spec/config.ts'
import { dropinPath, presetPath, unitPath } from './paths.ts'
import type { UnitFacts, UnitsFacts } from './plan.ts'
import { enabledState } from './systemctl.ts'

/** Looks at the files of every unit of the config. */
export async function observeUnits(context: SectionContext): Promise<UnitsFacts> {
  const units = new Map<string, UnitFacts>()
  for (const unit of context.config.systemd.units)
    units.set(unit.name, await inPart({ part: unit }, () => observeUnit(context, unit)))
  return { units, presets: new Set(presetText(context).split('\n')) }
}

/** The text of the preset file; empty when there is none. */
export function presetText({ sysroot, system }: SectionContext): string {
  const path = sysroot.follow(presetPath)
  return system.files.lstat(path)?.type === 'file' ? system.files.readText(path) : ''
}

/** Whether a unit file is a symbolic link to /dev/null. */
export function isMasked({ sysroot, system }: SectionContext, unit: string): boolean {
  const path = sysroot.resolve(unitPath(unit))
  return system.files.lstat(path)?.type === 'symlink' && system.files.readlink(path) === '/dev/null'
}

async function observeUnit(context: SectionContext, unit: ConfigUnit): Promise<UnitFacts> {
  const dropins = unit.dropins.flatMap(({ name }): [string, string][] => {
    const text = plainText(context, dropinPath(unit.name, name))
    return text === undefined ? [] : [[name, text]]
  })
  return {
    contents: plainText(context, unitPath(unit.name)),
    masked: isMasked(context, unit.name),
    dropins: new Map(dropins),
    enabled: unit.enabled === false ? await enabledState(context, unit.name) : undefined,
  }
}

/** The text of a file that has owner and mode as this section gives them. */
function plainText({ sysroot, system }: SectionContext, path: string): string | undefined {
  const target = sysroot.resolve(path)
  const found = system.files.lstat(target)
  const asWritten = found?.type === 'file' && found.mode === 0o644 && found.uid === 0 && found.gid === 0
  return asWritten ? system.files.readText(target) : undefined
}
