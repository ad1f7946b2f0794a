import { IgnitionError, inPart } from '../../errors.ts'
import type { Config, ConfigFilesystem } from '../../spec/config.ts'
import type { ConfigPath } from '../../spec/report.ts'

/** A filesystem of the config that is mounted while provisioning. */
export interface Mountable {
  readonly device: string
  readonly format: string
  /** Where, as in the config but clean: no empty components, `.` or `..`. */
  readonly path: string
  readonly options: readonly string[]
}

/** What can be mounted, the path with the fewest components first. */
export function mountablesOf({ storage }: Config): readonly Mountable[] {
  return storage.filesystems.flatMap(mountableOf).toSorted((a, b) => depthOf(a) - depthOf(b))
}

function mountableOf({ device, format, path, mountOptions }: ConfigFilesystem): readonly Mountable[] {
  if (!path || !format || format === 'swap' || format === 'none') return []
  return [{ device, format, path: `/${componentsOf(path).join('/')}`, options: mountOptions }]
}

/** The path in the config of the filesystem that is mounted at a clean path. */
export function pathOfMount({ storage }: Config, path: string): ConfigPath | undefined {
  const index = storage.filesystems.findIndex((filesystem) => mountableOf(filesystem)[0]?.path === path)
  return index < 0 ? undefined : ['storage', 'filesystems', index]
}

const depthOf = ({ path }: Mountable) => componentsOf(path).length

/** Cleaned by the letters: `..` takes back the component before it. */
function componentsOf(path: string): readonly string[] {
  const components: string[] = []
  for (const component of path.split('/')) {
    if (component === '' || component === '.') continue
    if (component === '..') components.pop()
    else components.push(component)
  }
  return components
}

export interface MountFacts {
  /** The path on the machine. */
  readonly target: string
  /** Whether the device is mounted at its path already. */
  readonly mounted: boolean
  /** A component of the path on the machine that is no directory, and what it is instead. */
  readonly obstacle: { readonly path: string; readonly type: string } | undefined
  /** Directories on the way, as the config names them, that an earlier run has made for it. */
  readonly madeEarlier: readonly string[]
}

/** Path in the config → facts. */
export type MountsFacts = ReadonlyMap<string, MountFacts>

export interface MountStep extends Mountable {
  /** The path on the machine. */
  readonly target: string
}

/** What is not mounted yet, from the top down. Throws where a path cannot be one of directories. */
export function planMounts(config: Config, facts: MountsFacts): readonly MountStep[] {
  return mountablesOf(config).flatMap((mountable) => {
    const known = facts.get(mountable.path)
    if (!known || known.mounted) return []
    const { obstacle } = known
    if (obstacle)
      inPart(pathOfMount(config, mountable.path), () => {
        throw obstructed(mountable.path, obstacle)
      })
    return [{ ...mountable, target: known.target }]
  })
}

/** The error for a path that leads through something else than directories. */
export function obstructed(path: string, obstacle: NonNullable<MountFacts['obstacle']>): IgnitionError {
  const wayOut = obstacle.type === 'symlink' ? 'use the path that it leads to' : 'use another path'
  return new IgnitionError({
    code: 'FL_MOUNT',
    message:
      `mount path ${JSON.stringify(path)} contains non-directory component ${JSON.stringify(obstacle.path)}, ` +
      `a ${obstacle.type}; ${wayOut}`,
  })
}
