import { isThere } from '../block/require.ts'
import { type ErrorCode, IgnitionError } from '../errors.ts'
import type { SectionContext } from '../section.ts'
import { mountablesOf, pathOfMount } from '../sections/mounts/plan.ts'
import { levelOf } from '../sections/raid/plan.ts'
import type { Config } from '../spec/config.ts'
import type { System } from '../system/system.ts'
import type { Unknown } from './record.ts'

/** Something that the kernel has to be able to do, by itself or with a module. */
interface Need {
  readonly about: Unknown['about']
  /** `vfat`. */
  readonly what: string
  readonly purpose: string
  /** By which the kernel itself asks modprobe for the module. */
  readonly alias: string
  /** Whether the kernel can do it as it is. Undefined when it does not say. */
  readonly isKnown: boolean | undefined
  readonly code: ErrorCode
}

/** Throws `FL_MOUNT` or `FL_UNSUPPORTED` for what the kernel cannot do, as far as it and its modules say. */
export async function checkKernel({ system, config }: SectionContext): Promise<readonly Unknown[]> {
  const open: Unknown[] = []
  for (const need of [
    ...filesystemNeeds(system, config),
    ...raidNeeds(system, config),
    ...luksNeeds(system, config),
  ]) {
    if (need.isKnown === true) continue
    const { about, what, purpose } = need
    if (!isThere(system, 'modprobe'))
      open.push({ about, message: `whether the kernel knows ${what}: there is no modprobe` })
    else if (await hasModule(system, need.alias)) continue
    else if (need.isKnown === false) throw unknownToKernel(need)
    else open.push({ about, message: `whether the kernel knows ${what}, for ${purpose}: it may be built in` })
  }
  return open
}

const unknownToKernel = ({ code, about, what, purpose }: Need) =>
  new IgnitionError({
    code,
    about,
    message: `the kernel of the initramfs does not know ${what}, for ${purpose}; nothing was changed: add its module to the image`,
  })

function filesystemNeeds({ files }: System, config: Config): readonly Need[] {
  const formats = new Map(mountablesOf(config).map(({ format, path }) => [format, path]))
  // `nodev<TAB>sysfs`, `<TAB>ext4`: proc_filesystems(5)
  const known = new Set(readLines(files, '/proc/filesystems').flatMap((line) => line.split('\t')[1] || []))
  return [...formats].map(([format, path]) => ({
    about: pathOfMount(config, path) ?? ['storage', 'filesystems'],
    what: format,
    purpose: `the filesystem to be mounted at ${JSON.stringify(path)}`,
    alias: `fs-${format}`,
    isKnown: known.has(format),
    code: 'FL_MOUNT',
  }))
}

function raidNeeds({ files }: System, { storage }: Config): readonly Need[] {
  // `Personalities : [raid1] [raid0]`: https://docs.kernel.org/admin-guide/md.html
  const found = readLines(files, '/proc/mdstat')[0]?.match(/(?<=\[)\w+(?=\])/g)
  const known = new Set<string>(found)
  return storage.raid.map((array, index) => ({
    about: ['storage', 'raid', index],
    what: levelOf(array),
    purpose: `RAID array ${JSON.stringify(array.name)}`,
    alias: `md-${levelOf(array)}`,
    isKnown: known.has(levelOf(array)),
    code: 'FL_UNSUPPORTED',
  }))
}

/** The device mapper says only through a device of its own what it knows. */
function luksNeeds({ files }: System, { storage }: Config): readonly Need[] {
  if (storage.luks.length === 0) return []
  const isKnown = files.stat('/sys/module/dm_crypt') ? true : undefined
  const about = ['storage', 'luks']
  return [
    { about, what: 'dm-crypt', purpose: 'LUKS volumes', alias: 'dm-crypt', isKnown, code: 'FL_UNSUPPORTED' },
  ]
}

const readLines = (files: System['files'], path: string): readonly string[] =>
  files.stat(path) ? files.readText(path).split('\n') : []

/** Nothing is loaded. */
async function hasModule(system: System, alias: string): Promise<boolean> {
  const { exitCode } = await system.run('modprobe', ['--dry-run', '--quiet', alias], { accept: [0, 1] })
  return exitCode === 0
}
