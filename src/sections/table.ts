import type { AnySection } from '../run-sections.ts'
import type { Config } from '../spec/config.ts'
import type { SectionName } from '../stages.ts'
import { unsupportedSection } from './unsupported.ts'

/** The reference mounts what has a path and a format that can be mounted. */
const asksForMounts = ({ storage }: Config): boolean =>
  storage.filesystems.some(
    ({ path = '', format = '' }) => path !== '' && format !== '' && format !== 'swap' && format !== 'none',
  )

const asksForKernelArguments = ({ kernelArguments }: Config): boolean =>
  kernelArguments.shouldExist.length + kernelArguments.shouldNotExist.length > 0

const unsupported = (name: SectionName, what: string, asked: (config: Config) => boolean) => () =>
  unsupportedSection({ name, what, asked })

/** Each section is loaded only by the stage that runs it. */
const loaders: Readonly<Record<SectionName, () => Promise<AnySection> | AnySection>> = {
  'kernel-arguments': unsupported('kernel-arguments', 'kernel arguments', asksForKernelArguments),
  disks: unsupported('disks', 'disk partitions (storage.disks)', ({ storage }) => storage.disks.length > 0),
  raid: unsupported('raid', 'RAID arrays (storage.raid)', ({ storage }) => storage.raid.length > 0),
  luks: unsupported('luks', 'LUKS volumes (storage.luks)', ({ storage }) => storage.luks.length > 0),
  filesystems: unsupported(
    'filesystems',
    'filesystems (storage.filesystems)',
    ({ storage }) => storage.filesystems.length > 0,
  ),
  mounts: unsupported('mounts', 'mounts (a path under storage.filesystems)', asksForMounts),
  unmounts: unsupported('unmounts', 'mounts (a path under storage.filesystems)', asksForMounts),
  passwd: async () => (await import('./passwd/index.ts')).passwd,
  files: async () => (await import('./files/index.ts')).files,
  units: async () => (await import('./units/index.ts')).units,
  'luks-keys': async () => (await import('./luks-keys/index.ts')).luksKeys,
  'provider-files': async () => (await import('./provider-files/index.ts')).providerFiles,
  result: async () => (await import('./result/index.ts')).result,
  relabel: async () => (await import('./relabel/index.ts')).relabel,
}

/** The sections of a stage, in the order named. */
export const loadSections = (names: readonly SectionName[]): Promise<readonly AnySection[]> =>
  Promise.all(names.map(async (name) => loaders[name]()))
