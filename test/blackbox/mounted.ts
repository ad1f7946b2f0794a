import { mkdtemp, rmdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from './program.ts'

/** Mounts a device on a folder of its own for as long as `use` takes. */
export async function withMounted<T>(
  device: string,
  options: readonly string[],
  use: (top: string) => Promise<T>,
): Promise<T> {
  const top = await mkdtemp(join(tmpdir(), 'blackbox-mount-'))
  try {
    await run('mount', [...options, device, top])
    try {
      return await use(top)
    } finally {
      await run('umount', [top])
    }
  } finally {
    await rmdir(top)
  }
}
