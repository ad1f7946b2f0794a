import { isThere } from '../block/require.ts'
import { IgnitionError } from '../errors.ts'
import type { SectionContext } from '../section.ts'
import { mountablesOf, pathOfMount } from '../sections/mounts/plan.ts'
import type { System } from '../system/system.ts'
import type { Unknown } from './record.ts'

/** Throws `FL_MOUNT` for a filesystem of the config that the kernel cannot mount, as far as its modules say. */
export async function checkKernel({ system, config }: SectionContext): Promise<readonly Unknown[]> {
  const formats = new Map(mountablesOf(config).map(({ format, path }) => [format, path]))
  if (formats.size === 0) return []
  const known = knownFilesystems(system)
  const open: Unknown[] = []
  for (const [format, path] of formats) {
    if (known.has(format)) continue
    if (!isThere(system, 'modprobe')) {
      open.push({
        about: ['storage', 'filesystems'],
        message: `whether the kernel knows ${format}: there is no modprobe`,
      })
      continue
    }
    if (await hasModule(system, `fs-${format}`)) continue
    throw new IgnitionError({
      code: 'FL_MOUNT',
      about: pathOfMount(config, path),
      message:
        `the kernel of the initramfs does not know ${format}, which ${JSON.stringify(path)} is to be mounted as; ` +
        'nothing was changed: add its module to the image',
    })
  }
  return open
}

/** `nodev sysfs`, ` ext4`: proc_filesystems(5). */
function knownFilesystems({ files }: System): ReadonlySet<string> {
  const path = '/proc/filesystems'
  const text = files.stat(path) ? files.readText(path) : ''
  return new Set(text.split('\n').flatMap((line) => line.split('\t')[1] || []))
}

/** The alias that the kernel itself asks modprobe for. Nothing is loaded. */
async function hasModule(system: System, alias: string): Promise<boolean> {
  const { exitCode } = await system.run('modprobe', ['--dry-run', '--quiet', alias], { accept: [0, 1] })
  return exitCode === 0
}
