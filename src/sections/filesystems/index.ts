import { identityOf } from '../../block/identity.ts'
import type { Section } from '../../section.ts'
import { pathInConfig } from '../../spec/place.ts'
import { applyFilesystems } from './apply.ts'
import { claimOf, observeFilesystems } from './observe.ts'
import { blockFilesystems, type FilesystemsFacts, type FilesystemsStep, planFilesystems } from './plan.ts'

/** Filesystems on the devices of `storage.filesystems`. */
export const filesystems: Section<FilesystemsFacts, FilesystemsStep> = {
  name: 'filesystems',
  wanted: ({ config, mode }) => mode === 'boot' && blockFilesystems(config).length > 0,
  observe: observeFilesystems,
  plan: planFilesystems,
  describe: ({ makings }) =>
    `creating filesystems: ${makings.map(({ format, filesystem }) => `${format} on ${filesystem.device}`).join(', ')}`,
  about: ({ makings: [first, ...others] }, config) =>
    first && others.length === 0 ? pathInConfig(config, first.filesystem) : undefined,
  claims: ({ system }, { makings }) =>
    makings.map(({ filesystem: { device }, node }) => ({
      name: claimOf(device, identityOf(system.files, node)),
      isTakenBack: true,
    })),
  logPrefix: () => 'createFilesystems',
  apply: applyFilesystems,
}
