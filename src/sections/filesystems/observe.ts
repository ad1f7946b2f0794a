import { identityOf } from '../../block/identity.ts'
import { requirePrograms } from '../../block/require.ts'
import { readSignatures } from '../../block/signatures.ts'
import { readBlockDevice } from '../../block/sysfs.ts'
import { readUse, type UseOf } from '../../block/usage.ts'
import { waitForDevices } from '../../block/wait.ts'
import { inPart } from '../../errors.ts'
import type { SectionContext } from '../../section.ts'
import type { ProgramName } from '../../system/programs.ts'
import { quote } from '../../system/quote.ts'
import { isMadeFormat, makerOf } from './mkfs.ts'
import {
  blockFilesystems,
  type FilesystemFacts,
  type FilesystemsFacts,
  mainSignature,
  planFilesystems,
} from './plan.ts'

/** Waits for the devices and looks at what they hold. */
export async function observeFilesystems(context: SectionContext): Promise<FilesystemsFacts> {
  const { system, config } = context
  const devices = blockFilesystems(config).map(({ device }) => device)
  requirePrograms(system, ['wipefs'], 'making filesystems')
  const nodes = await waitForDevices(system, devices)
  const useOf = readUse(system.files)
  const facts = new Map<string, FilesystemFacts>()
  for (const device of devices)
    facts.set(
      device,
      await inPart({ device }, () => observe(context, { device, node: nodes.get(device) ?? device, useOf })),
    )
  const needed = planFilesystems(config, facts).flatMap(({ makings }) =>
    makings.flatMap(({ format }): ProgramName[] => (isMadeFormat(format) ? [makerOf(format)] : [])),
  )
  requirePrograms(system, needed, 'making filesystems')
  return facts
}

/** The name of a filesystem in the journal of steps. */
export const claimOf = (device: string, identity: string) => `filesystem ${device} on ${identity}`

interface Look {
  readonly device: string
  readonly node: string
  readonly useOf: UseOf
}

async function observe(
  { system, earlier }: SectionContext,
  { device, node, useOf }: Look,
): Promise<FilesystemFacts> {
  return system.operation(`determining filesystem type of ${quote(device)}`, async (inner) => {
    const signatures = await readSignatures(inner, node)
    const found = mainSignature(signatures)
    const types = [
      ...new Set(signatures.filter(({ usage }) => usage !== 'partition-table').map(({ type }) => type)),
    ]
    if (types.length > 1)
      inner.log(
        'warning',
        `${quote(device)} has the marks of ${types.join(' and ')}; it is taken for ${types[0]}`,
      )
    inner.log(
      'info',
      found
        ? `found ${found.type} at ${quote(device)} with uuid ${quote(found.uuid)} and label ${quote(found.label)}`
        : `found nothing at ${quote(device)}`,
    )
    const blockDevice = readBlockDevice(inner.files, node)
    const isOurs = earlier.look(claimOf(device, identityOf(inner.files, node))).kind === 'begun'
    if (isOurs) inner.log('notice', `${quote(device)} is unfinished work of an earlier run: made anew`)
    return { node, signatures, use: blockDevice && useOf(blockDevice), isOurs }
  })
}
