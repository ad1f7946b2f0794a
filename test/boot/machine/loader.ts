import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from '../../../build/run.ts'
import { layout } from './disk.ts'

/**
 * The boot loader's part: whether the boot partition of a qcow2 disk carries the first-boot flag. Reads the file
 * system itself, as GRUB does before it puts `ignition.firstboot` on the kernel command line.
 */
export async function hasFirstBootFlag(disk: string): Promise<boolean> {
  const { startMiB, sizeMiB } = layout.boot
  const folder = mkdtempSync(join(tmpdir(), 'firstlight-boot-'))
  try {
    const partition = join(folder, 'boot.raw')
    // qemu-img counts from the start of the disk, what it skips included.
    const range = ['bs=1M', `skip=${startMiB}`, `count=${startMiB + sizeMiB}`]
    await run('qemu-img', ['dd', '-f', 'qcow2', '-O', 'raw', ...range, `if=${disk}`, `of=${partition}`])
    // Plays the journal back first, so that a deletion in it counts.
    await run('e2fsck', ['-p', partition])
    const listing = await run('debugfs', ['-R', 'ls -p /', partition])
    return listing.includes('/ignition.firstboot/')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
