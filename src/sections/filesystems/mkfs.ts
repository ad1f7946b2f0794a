import type { ConfigFilesystem } from '../../spec/config.ts'
import type { ProgramName } from '../../system/programs.ts'

/** The formats that live on a block device and are made by a program. */
export type MadeFormat = 'btrfs' | 'ext4' | 'swap' | 'vfat' | 'xfs'

interface Maker {
  readonly program: ProgramName
  readonly force: readonly string[]
  readonly uuid: (uuid: string) => readonly string[]
  readonly label: string
}

/** How each format is made; the manual page of each program has its options. */
const makers: Readonly<Record<MadeFormat, Maker>> = {
  btrfs: { program: 'mkfs.btrfs', force: ['--force'], uuid: (uuid) => ['-U', uuid], label: '-L' },
  ext4: { program: 'mkfs.ext4', force: ['-F'], uuid: (uuid) => ['-U', uuid], label: '-L' },
  swap: { program: 'mkswap', force: ['-f'], uuid: (uuid) => ['-U', uuid], label: '-L' },
  vfat: { program: 'mkfs.fat', force: [], uuid: (uuid) => ['-i', uuid], label: '-n' },
  xfs: { program: 'mkfs.xfs', force: ['-f'], uuid: (uuid) => ['-m', `uuid=${uuid}`], label: '-L' },
}

export const isMadeFormat = (format: string): format is MadeFormat => format in makers

export const makerOf = (format: MadeFormat): ProgramName => makers[format].program

/** Arguments that make a filesystem: the config's own options first. An empty label or UUID says nothing. */
export function makerArguments(
  format: MadeFormat,
  { options, uuid, label }: Pick<ConfigFilesystem, 'options' | 'uuid' | 'label'>,
  device: string,
): readonly string[] {
  const maker = makers[format]
  return [
    ...options,
    ...maker.force,
    ...(uuid ? maker.uuid(canonicalUuid(format, uuid)) : []),
    ...(label ? [maker.label, label] : []),
    device,
  ]
}

/** Lower case; that of vfat has eight digits, which libblkid shows with a dash in the middle. */
export function canonicalUuid(format: string, uuid: string): string {
  const lower = uuid.toLowerCase()
  return format === 'vfat' && lower[4] === '-' ? lower.slice(0, 4) + lower.slice(5) : lower
}
