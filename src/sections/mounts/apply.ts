import { IgnitionError } from '../../errors.ts'
import type { SectionContext } from '../../section.ts'
import { fileFailure } from '../failure.ts'
import { relabelNow } from '../relabel/apply.ts'
import { leadingPaths, obstacleOn } from './observe.ts'
import { type MountStep, obstructed } from './plan.ts'

/** Mounts one filesystem; tells of the directories that are made for it, as the config names them, before that. */
export async function applyMount(
  context: SectionContext,
  step: MountStep,
  tell: (directories: readonly string[]) => void,
): Promise<void> {
  const { system } = context
  const { device, format, path, options, target } = step
  const obstacle = obstacleOn(system.files, target)
  if (obstacle) throw obstructed(path, obstacle)
  const made = makeDirectories(context, target, tell)
  if (made[0] !== undefined) await relabelNow(context, [made[0]])
  try {
    await system.run('mount', ['-o', options.join(','), '-t', format, device, target])
  } catch (cause) {
    throw cannotMount(step, cause)
  }
  if (isFresh(context, target)) await relabelNow(context, [target])
  context.sysroot.forget()
}

/** From the top down. */
function makeDirectories(
  { system: { files }, root }: SectionContext,
  target: string,
  tell: (directories: readonly string[]) => void,
): readonly string[] {
  const missing = leadingPaths(target).filter((path) => files.lstat(path) === undefined)
  tell(missing.map((path) => path.slice(root.length)))
  for (const path of missing) {
    try {
      files.makeDirectory(path, { mode: 0o755 })
    } catch (cause) {
      throw fileFailure({ files, action: `make mount point ${JSON.stringify(target)}`, path, cause })
    }
  }
  return missing
}

/** Labels of a filesystem that was in use before are its own business. */
function isFresh({ system: { files } }: SectionContext, target: string): boolean {
  return files.list(target).every((name) => name === 'lost+found')
}

function cannotMount({ device, format, target }: MountStep, cause: unknown): IgnitionError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  const isUnknownType = reason.includes('unknown filesystem type')
  return new IgnitionError({
    code: cause instanceof IgnitionError && cause.code === 'FL_PROGRAM_MISSING' ? cause.code : 'FL_MOUNT',
    message:
      `cannot mount ${JSON.stringify(device)} at ${JSON.stringify(target)} as ${format}: ` +
      `${isUnknownType ? `the kernel of the initramfs does not know ${format}; add its module to the image: ` : ''}${reason}`,
    cause,
  })
}
