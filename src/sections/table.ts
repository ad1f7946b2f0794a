import type { AnySection } from '../run-sections.ts'
import type { SectionName } from '../stages.ts'

/** Each section is loaded only by the stage that runs it. */
const loaders: Readonly<Record<SectionName, () => Promise<AnySection> | AnySection>> = {
  'kernel-arguments': async () => (await import('./kernel-arguments/index.ts')).kernelArguments,
  disks: async () => (await import('./disks/index.ts')).disks,
  raid: async () => (await import('./raid/index.ts')).raid,
  luks: async () => (await import('./luks/index.ts')).createLuks(),
  filesystems: async () => (await import('./filesystems/index.ts')).filesystems,
  mounts: async () => (await import('./mounts/index.ts')).createMounts(),
  unmounts: async () => (await import('./unmounts/index.ts')).unmounts,
  accounts: async () => (await import('./accounts/index.ts')).accounts,
  passwd: async () => (await import('./passwd/index.ts')).passwd,
  files: async () => (await import('./files/index.ts')).files,
  units: async () => (await import('./units/index.ts')).units,
  'luks-keys': async () => (await import('./luks-keys/index.ts')).luksKeys,
  'provider-files': async () => (await import('./provider-files/index.ts')).providerFiles,
  result: async () => (await import('./result/index.ts')).result,
  'host-report': async () => (await import('./host-report/index.ts')).hostReport,
  trace: async () => (await import('./trace/index.ts')).trace,
  relabel: async () => (await import('./relabel/index.ts')).relabel,
  completion: async () => (await import('./completion/index.ts')).completion,
}

/** The sections of a stage, in the order named. */
export const loadSections = (names: readonly SectionName[]): Promise<readonly AnySection[]> =>
  Promise.all(names.map(async (name) => loaders[name]()))
