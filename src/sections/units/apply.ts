import type { SectionContext } from '../../section.ts'
import { quote } from '../../system/quote.ts'
import { fileFailure } from '../failure.ts'
import { isMasked, presetText } from './observe.ts'
import { dropinPath, presetPath, unitPath } from './paths.ts'
import type { UnitAction, UnitsStep } from './plan.ts'
import { disableUnit, enabledState } from './systemctl.ts'

/** Writes the files of one unit, or one line of the preset file. */
export async function applyUnits(context: SectionContext, step: UnitsStep): Promise<void> {
  switch (step.kind) {
    case 'unit':
      for (const action of step.actions)
        await context.system.operation(describe(context, action), (system) =>
          act({ ...context, system }, action),
        )
      return
    case 'enable':
      return addPreset(context, step.line)
    case 'disable':
      return disable(context, step)
  }
}

async function disable(
  context: SectionContext,
  { unit, line }: UnitsStep & { kind: 'disable' },
): Promise<void> {
  if ((await enabledState(context, unit)) === undefined) return
  await context.system.operation(`removing enablement symlink(s) for ${quote(unit)}`, async (system) =>
    disableUnit({ ...context, system }, unit),
  )
  context.sysroot.forget()
  addPreset(context, line)
}

function describe({ sysroot }: SectionContext, action: UnitAction): string {
  const target = quote(sysroot.resolve(pathOf(action)))
  switch (action.kind) {
    case 'writeDropin':
      return `writing systemd drop-in ${quote(action.name)} at ${target}`
    case 'writeUnit':
      return `writing unit ${quote(action.unit)} at ${target}`
    case 'mask':
      return `masking unit ${quote(action.unit)} at ${target}`
    case 'unmask':
      return `unmasking unit ${quote(action.unit)}`
  }
}

const pathOf = (action: UnitAction) =>
  action.kind === 'writeDropin' ? dropinPath(action.unit, action.name) : unitPath(action.unit)

function act(context: SectionContext, action: UnitAction): void {
  const { sysroot, system, written } = context
  const { files } = system
  const target = sysroot.resolve(pathOf(action))
  try {
    if (action.kind === 'unmask') {
      unmask(context, action.unit, target)
      return
    }
    const topmost = sysroot.makeParents(target)
    if (action.kind === 'mask') {
      files.remove(target)
      files.symlink('/dev/null', target)
      sysroot.forget()
    } else files.write(target, action.contents.reveal(), { mode: 0o644, uid: 0, gid: 0 })
    written.add(topmost ?? target)
  } catch (cause) {
    throw fileFailure({ files, action: `set up unit ${quote(action.unit)}`, path: target, cause })
  }
}

/** Only a mask is removed; anything else at the path stays. */
function unmask(context: SectionContext, unit: string, target: string): void {
  if (!isMasked(context, unit)) return
  context.system.files.remove(target)
  context.sysroot.forget()
}

/** Adds a line to the preset file unless it is there. */
function addPreset(context: SectionContext, line: string): void {
  const { sysroot, system, written } = context
  const { files } = system
  const target = sysroot.follow(presetPath)
  try {
    const text = presetText(context)
    if (text.split('\n').includes(line)) return
    const topmost = sysroot.makeParents(target)
    const { mode, uid, gid } = files.lstat(target) ?? { mode: 0o644, uid: 0, gid: 0 }
    // as a whole: half a line that a cut left behind would stay for ever
    const before = text === '' || text.endsWith('\n') ? text : `${text}\n`
    files.write(target, `${before}${line}\n`, { mode, uid, gid })
    written.add(topmost ?? target)
  } catch (cause) {
    throw fileFailure({ files, action: 'write the systemd preset file', path: target, cause })
  }
}
