// What `firstlight inspect` would say of a machine that is not switched on, from the images of its disks.
import { execFileSync, spawnSync } from 'node:child_process'
import { closeSync, fstatSync, openSync, readSync, truncateSync, writeFileSync } from 'node:fs'
import { parseGptTable } from '../src/block/gpt.ts'
import type { Machine, MachineDevice } from '../src/plan/machine.ts'
import { inLink, partitionPath } from '../src/plan/model.ts'

const sectorBytes = 512

/** A raw image of 128 MiB with one partition, on which an earlier system left a file system. */
export function writeUsedDisk(image: string): void {
  writeFileSync(image, '')
  truncateSync(image, 128 * 2 ** 20)
  execFileSync('sgdisk', ['--clear', '--new=1:2048:+98304', '--change-name=1:old', image], {
    stdio: 'ignore',
  })
  const place = ['-E', `offset=${2048 * sectorBytes},nodiscard`, image, '48M']
  execFileSync('mke2fs', ['-q', '-F', '-t', 'ext4', '-L', 'leftover', ...place], {
    env: { ...process.env, MKE2FS_SYNC: '0' },
  })
}

export interface DiskImage {
  /** `/dev/vda`. */
  readonly path: string
  /** As QEMU's `serial=`. */
  readonly serial: string
  /** Raw. */
  readonly image: string
}

/** A machine with these disks. */
export const describeMachine = (
  disks: readonly DiskImage[],
  kernelArguments: readonly string[],
): Machine => ({
  version: 1,
  where: 'initramfs',
  architecture: 'x64',
  memoryBytes: 1536 * 2 ** 20,
  platform: 'qemu',
  kernelArguments,
  programs: [],
  devices: disks.flatMap(describeDisk),
  mounts: [],
  unseen: [],
})

function describeDisk({ path, serial, image }: DiskImage): readonly MachineDevice[] {
  const descriptor = openSync(image, 'r')
  try {
    const sizeBytes = fstatSync(descriptor).size
    const read = (offset: number, length: number) => {
      const bytes = Buffer.alloc(length)
      return bytes.subarray(0, readSync(descriptor, bytes, 0, length, offset))
    }
    const table = parseGptTable(read, { sectorBytes, sizeSectors: sizeBytes / sectorBytes })
    const links = [`/dev/disk/by-id/virtio-${serial}`]
    const common = { sectorBytes, builtOn: [] }
    const disk: MachineDevice = {
      ...common,
      path,
      links,
      kind: 'disk',
      sizeBytes,
      table: table
        ? {
            kind: 'gpt',
            firstUsableSector: table.usable.first,
            lastUsableSector: table.usable.last,
            partitions: table.partitions,
          }
        : { kind: 'blank' },
      signatures: table ? [{ type: 'gpt', usage: 'partition-table', uuid: '', label: '' }] : [],
    }
    const partitions = (table?.partitions ?? []).map(
      ({ number, label, start, size }): MachineDevice => ({
        ...common,
        path: partitionPath(path, number),
        links: [...links.map((link) => `${link}-part${number}`), `/dev/disk/by-partlabel/${inLink(label)}`],
        kind: 'partition',
        sizeBytes: size * sectorBytes,
        partitionOf: { disk: path, number },
        signatures: contentsOf(image, start, size),
      }),
    )
    return [disk, ...partitions]
  } finally {
    closeSync(descriptor)
  }
}

function contentsOf(image: string, start: number, size: number): NonNullable<MachineDevice['signatures']> {
  const place = ['-O', String(start * sectorBytes), '-S', String(size * sectorBytes)]
  const { stdout } = spawnSync('blkid', ['-p', ...place, '-o', 'export', image], { encoding: 'utf8' })
  const word = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(stdout)?.[1] ?? ''
  if (word('TYPE') === '') return []
  return [{ type: word('TYPE'), usage: word('USAGE'), uuid: word('UUID'), label: word('LABEL') }]
}
