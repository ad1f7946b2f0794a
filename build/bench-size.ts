import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { hostPackages } from './packages.ts'

const root = dirname(import.meta.dirname)

/** Word that selects the row: `npm run bench -- size`. */
export const sizeGroup = 'size'

/** MB (10^6 bytes) that an initramfs grows by, packed with zstd at level 19. */
export interface SizeResult {
  readonly group: string
  readonly name: string
  readonly megabytes: number
  readonly referenceMegabytes: number
  readonly ratio: number
}

/** The executable and the dracut module, each beside the reference's. Packing takes a minute or two. */
export function measureGrowth(): SizeResult {
  const megabytes = packed([join(root, 'dist/firstlight'), join(root, 'dracut/30firstlight')])
  const referenceMegabytes = packed([dirname(hostPackages['reference ignition'].path)])
  const name = 'what the initramfs grows by, zstd -19'
  return { group: sizeGroup, name, megabytes, referenceMegabytes, ratio: megabytes / referenceMegabytes }
}

function packed(paths: readonly string[]): number {
  const script = 'tar -cf - "$@" 2> /dev/null | zstd -19 -T0 -q | wc -c'
  const { stdout } = spawnSync('sh', ['-c', script, 'sh', ...paths], { encoding: 'utf8' })
  const bytes = Number(stdout)
  if (!(bytes > 0)) throw new Error(`cannot pack ${paths.join(' and ')}`)
  return bytes / 1e6
}
