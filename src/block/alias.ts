import { dirname, normalize } from 'node:path/posix'
import { quote } from '../system/quote.ts'
import type { Files, System } from '../system/system.ts'

/** Links in here keep naming the same device while udev removes and remakes its own. */
const directory = '/run/ignition/dev_aliases'

/** Where a device of the config is known by, whatever its links do. */
export const aliasOf = (device: string) => directory + normalize(`/${device}`)

/** Points the alias of a device at the node that was observed, and returns the alias. */
export function makeAlias(system: System, device: string, node: string): string {
  const { files } = system
  const alias = aliasOf(device)
  if (files.lstat(alias)?.type === 'symlink' && files.readlink(alias) === node) return alias
  makeParents(files, dirname(alias))
  files.remove(alias)
  files.symlink(node, alias)
  system.log('info', `created device alias for ${quote(device)}: ${quote(alias)} -> ${quote(node)}`)
  return alias
}

function makeParents(files: Files, path: string): void {
  if (files.stat(path)) return
  makeParents(files, dirname(path))
  files.makeDirectory(path, { mode: 0o750 })
}
