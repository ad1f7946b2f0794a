import { execFileSync } from 'node:child_process'
import { truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { scratchDirectory } from './scratch.ts'

/** A sparse file that stands for a disk, with the options of one sgdisk call written to it. */
export function diskImage(sizeMiB: number, ...options: readonly string[]): string {
  const path = join(scratchDirectory(), 'disk')
  writeFileSync(path, '')
  truncateSync(path, sizeMiB * 1024 * 1024)
  if (options.length > 0) sgdisk(path, ...options)
  return path
}

/** Runs sgdisk on an image and returns what it prints. */
export const sgdisk = (path: string, ...options: readonly string[]) =>
  execFileSync('sgdisk', [...options, path], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
