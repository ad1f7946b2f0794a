import type { Signature } from '../block/signatures.ts'
import { signaturesAt } from '../block/signatures-at.ts'
import { nodeOf } from '../block/wait.ts'
import { IgnitionError } from '../errors.ts'
import { observeDisk } from '../sections/disks/observe.ts'
import { type DiskFacts, type DiskStep, planDisks } from '../sections/disks/plan.ts'
import { disksByNode } from '../sections/disks/request.ts'
import type { Config } from '../spec/config.ts'
import type { Files, System } from '../system/system.ts'
import { deviceAt, type Model, partitionPath, withDevice } from './model.ts'

/** What only the machine itself can tell of the config's disks. */
export interface Observed {
  /** Node → the facts, with sgdisk's own rehearsal. */
  readonly observed: ReadonlyMap<string, DiskFacts>
  /** Path of a new partition → what lies on its bytes. */
  readonly lying: ReadonlyMap<string, readonly Signature[]>
}

/** The model with the paths of the config that lead to a device by a link of their own. */
export function withPathsOf(config: Config, model: Model, files: Files): Model {
  const { disks, raid, luks, filesystems } = config.storage
  const paths = [
    ...disks.map(({ device }) => device),
    ...raid.flatMap(({ devices }) => devices),
    ...luks.flatMap(({ device }) => device ?? []),
    ...filesystems.map(({ device }) => device),
  ]
  return paths.reduce((known, path) => {
    if (deviceAt(known, path) || files.stat(path)?.type !== 'block') return known
    const found = deviceAt(known, nodeOf(files, path))
    return found ? withDevice(known, { ...found, links: [...found.links, path] }) : known
  }, model)
}

/** Looks at the disks that are there. What cannot be observed is left to the model. */
export async function observeConfigDisks(system: System, config: Config, model: Model): Promise<Observed> {
  const nodes = new Map(
    config.storage.disks.flatMap(({ device }) => {
      const found = deviceAt(model, device)
      return found?.table ? [[device, found.path] as const] : []
    }),
  )
  const there = config.storage.disks.filter(({ device }) => nodes.has(device))
  const observed = new Map<string, DiskFacts>()
  const lying = new Map<string, readonly Signature[]>()
  const disks = await otherwise([], () => [...disksByNode(there, nodes)])
  for (const [node, disk] of disks) {
    const facts = await otherwise(undefined, async () => observeDisk(system, disk, node))
    if (!facts) continue
    observed.set(node, facts)
    for (const step of await otherwise([], () => planDisks([facts])))
      for (const [path, signatures] of await lookAtNew(system, facts, step)) lying.set(path, signatures)
  }
  return { observed, lying }
}

/** A clash of config and machine is found again when the model is planned for, and is said there. */
async function otherwise<T, Other>(other: Other, work: () => T | Promise<T>): Promise<T | Other> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof IgnitionError) return other
    throw error
  }
}

async function lookAtNew(
  system: System,
  { kernel, sectorBytes, node }: DiskFacts,
  { present }: DiskStep,
): Promise<readonly (readonly [string, readonly Signature[]])[]> {
  const found: (readonly [string, readonly Signature[]])[] = []
  for (const { number, start, size } of present) {
    const view = kernel.get(number)
    if (view?.start === start && view.size === size) continue
    const extent = { disk: node, startBytes: start * sectorBytes, sizeBytes: size * sectorBytes }
    const signatures = await signaturesAt(system, extent)
    if (signatures) found.push([partitionPath(node, number), signatures])
  }
  return found
}
