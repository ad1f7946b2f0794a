import { nodeOf, waitForDevices } from '../../block/wait.ts'
import type { SectionContext } from '../../section.ts'
import { readMountTable } from '../../system/mount-table.ts'
import type { Files } from '../../system/system.ts'
import { type MountFacts, type MountsFacts, mountablesOf } from './plan.ts'

/** Waits for the devices and looks at the paths as they are before anything is mounted. */
export async function observeMounts(context: SectionContext): Promise<MountsFacts> {
  const { system, config, root, earlier } = context
  const mountables = mountablesOf(config)
  await waitForDevices(
    system,
    mountables.filter(({ format }) => format !== 'virtiofs').map(({ device }) => device),
  )
  const { files } = system
  const table = readMountTable(files)
  const sourceOf = (source: string) => (source.startsWith('/') ? nodeOf(files, source) : source)
  const facts = new Map<string, MountFacts>()
  for (const { path, device } of mountables) {
    const target = targetOf(root, path)
    const mounted = table.findLast((mount) => mount.path === target)
    facts.set(path, {
      target,
      mounted: mounted !== undefined && sourceOf(mounted.source) === sourceOf(device),
      obstacle: obstacleOn(files, target),
      madeEarlier: leadingPaths(path).filter((directory) => earlier.look(claimOf(directory)).kind !== 'none'),
    })
  }
  return facts
}

/** The name of a directory, as the config names it, in the journal of steps. */
export const claimOf = (directory: string) => `directory ${directory}`

/** A path of the config on the machine. */
export const targetOf = (root: string, path: string) => (path === '/' ? root || '/' : root + path)

/** The first component that is there and is no directory; symbolic links count as such. */
export function obstacleOn(files: Files, target: string): MountFacts['obstacle'] {
  for (const path of leadingPaths(target)) {
    const found = files.lstat(path)
    if (!found) return undefined
    if (found.type !== 'directory') return { path, type: found.type }
  }
  return undefined
}

/** `/a/b` → `/a`, `/a/b`. */
export function leadingPaths(path: string): readonly string[] {
  const components = path.split('/').filter((component) => component !== '')
  return components.map((_, index) => `/${components.slice(0, index + 1).join('/')}`)
}
