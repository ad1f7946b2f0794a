import {
  cleared,
  type Foreseen,
  holding,
  type Model,
  requireDevice,
  type Unknown,
  withDevice,
} from '../../plan/model.ts'
import type { Config } from '../../spec/config.ts'
import {
  blockFilesystems,
  type FilesystemFacts,
  type FilesystemsFacts,
  type FilesystemsStep,
} from './plan.ts'

/** The facts of every filesystem of the config, from a model. */
export function foreseeFilesystems(model: Model, config: Config): Foreseen<FilesystemsFacts> {
  const unknowns: Unknown[] = []
  const facts = new Map(
    blockFilesystems(config).map(({ device, wipeFilesystem }): [string, FilesystemFacts] => {
      const found = requireDevice(model, device)
      if (found.hidden !== undefined && wipeFilesystem !== true)
        unknowns.push({ subject: device, reason: found.hidden, taken: 'taken for blank' })
      return [device, { node: found.path, signatures: found.signatures ?? [], use: found.use, isOurs: false }]
    }),
  )
  return { facts, unknowns }
}

/** The model after the steps. */
export const afterFilesystems = (model: Model, steps: readonly FilesystemsStep[]): Model =>
  steps
    .flatMap(({ makings }) => makings)
    .reduce((before, { filesystem, format, node }) => {
      const { label = '', uuid = '' } = filesystem
      const usage = format === 'swap' ? 'other' : 'filesystem'
      const made = format === 'none' ? [] : [{ type: format, usage, uuid, label }]
      const { luks: _, raidMember: __, ...device } = holding(requireDevice(before, node), made)
      return withDevice(cleared(before, node), device)
    }, model)
