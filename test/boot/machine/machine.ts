import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { checkout, type Progress } from '../../../build/cache.ts'
import { ensurePackages, type HostProgram } from '../../../build/packages.ts'
import { run } from '../../../build/run.ts'
import { buildDisk } from './disk.ts'
import { buildInitramfs } from './initramfs.ts'
import { debianTree, kernelVersion } from './tree.ts'

const hostPrograms = [
  'debian-archive-keyring',
  'debugfs',
  'e2fsck',
  'iPXE ROM',
  'mke2fs',
  'mmdebstrap',
  'qemu-img',
  'qemu-system-x86_64',
  'sgdisk',
  'unshare',
  'unxz',
  'zstd',
] as const satisfies readonly HostProgram[]

/** A machine that has never been booted. */
export interface Machine {
  readonly kernel: string
  readonly initramfs: string
  /** Raw image, never written to: every boot works on a `copyDisk`. */
  readonly disk: string
}

/** The program under test: FIRSTLIGHT_TEST_EXECUTABLE, or what the build makes. */
export function executableUnderTest(): string {
  return process.env['FIRSTLIGHT_TEST_EXECUTABLE'] ?? join(checkout, 'dist', 'firstlight')
}

/**
 * Builds whatever of the machine is not there yet or is out of date: minutes the first time, then nothing. Throws an
 * Error when the executable has not been built. `settings` are variables of dracut's configuration.
 */
export async function prepareMachine(
  progress: Progress,
  executable = executableUnderTest(),
  settings: Readonly<Record<string, string>> = {},
): Promise<Machine> {
  if (process.arch !== 'x64')
    throw new Error(`The test machine is an x86-64 one, and this is ${process.arch}.`)
  if (!existsSync(executable)) throw new Error(`${executable} is missing: run \`npm run build\``)
  ensurePackages(hostPrograms)
  const tree = await debianTree(progress)
  const disk = await buildDisk(tree, progress)
  const initramfs = await buildInitramfs({ tree, executable, settings, progress })
  return { kernel: join(tree, 'boot', `vmlinuz-${kernelVersion(tree)}`), initramfs, disk }
}

/** A new, empty disk. */
export async function emptyDisk(path: string, sizeMiB: number): Promise<void> {
  await run('qemu-img', ['create', '-q', '-f', 'qcow2', path, `${sizeMiB}M`])
}

/** A new disk with the machine's contents; writes go into the file at `path` only. */
export async function copyDisk(machine: Machine, path: string): Promise<void> {
  await run('qemu-img', ['create', '-q', '-f', 'qcow2', '-b', machine.disk, '-F', 'raw', path])
}
