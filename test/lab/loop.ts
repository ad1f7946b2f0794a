import { execFileSync } from 'node:child_process'
import { mkdtempSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Runs a program of the guest and returns what it prints. */
export function sh(program: string, ...args: readonly string[]): string {
  return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim()
}

export interface LoopOptions {
  readonly sizeMiB?: number
  readonly sectorBytes?: 512 | 4096
}

/** A new blank disk of the guest: `/dev/loop0`. */
export function loopDisk({ sizeMiB = 64, sectorBytes = 512 }: LoopOptions = {}): string {
  const file = join(mkdtempSync('/tmp/disk-'), 'image')
  writeFileSync(file, '')
  truncateSync(file, sizeMiB * 1024 * 1024)
  return sh('losetup', '--find', '--show', '--partscan', '--sector-size', String(sectorBytes), file)
}
