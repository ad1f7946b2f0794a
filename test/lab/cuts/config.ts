import type { Config } from '../../../src/spec/config.ts'
import { configOf } from '../../helpers/config-of.ts'
import { contentsOfEveryKind } from '../../helpers/contents-of-every-kind.ts'

/** The disks of the machine, in the order of their loop devices, and their sizes. */
export const disks = [
  { name: 'system', sizeMiB: 24 },
  { name: 'boot', sizeMiB: 8 },
  { name: 'data', sizeMiB: 64 },
  { name: 'mirror', sizeMiB: 24 },
] as const

/** The node of each disk: the guest has no other loop devices. */
export const nodeOf = (name: (typeof disks)[number]['name']) =>
  `/dev/loop${disks.findIndex((disk) => disk.name === name)}`

const guid = (number: number) => `00000000-0000-4000-8000-00000000000${number}`

const quickLuks = ['--pbkdf', 'pbkdf2', '--pbkdf-force-iterations', '1000', '--luks2-keyslots-size', '512k']

/**
 * Partitions, an array, a volume with a generated key, filesystems, mounts, accounts, files of every kind, units. Nothing
 * may be wiped: what a run finds has to be recognised.
 */
export function configWith(origin: string): Config {
  const [data, mirror] = [nodeOf('data'), nodeOf('mirror')]
  const contents = contentsOfEveryKind(origin)
  return configOf({
    ...contents,
    storage: {
      ...contents.storage,
      disks: [
        {
          device: data,
          partitions: [
            { number: 1, label: 'left', sizeMiB: 16, guid: guid(1) },
            { number: 2, label: 'vault', sizeMiB: 16, guid: guid(2) },
            { number: 3, label: 'plain', sizeMiB: 12, guid: guid(3) },
            { number: 4, label: 'home', sizeMiB: 8, guid: guid(8) },
          ],
        },
        {
          device: mirror,
          partitions: [{ number: 1, label: 'right', sizeMiB: 16, guid: guid(4) }],
        },
      ],
      raid: [
        {
          name: 'pair',
          level: 'raid1',
          devices: [`${data}p1`, '/dev/disk/by-partlabel/right'],
          options: ['--bitmap=none', '--metadata=1.2', '--assume-clean'],
        },
      ],
      luks: [
        {
          name: 'vault',
          device: '/dev/disk/by-partlabel/vault',
          label: 'vault',
          uuid: guid(5),
          options: quickLuks,
        },
      ],
      filesystems: [
        {
          device: '/dev/md/pair',
          format: 'ext4',
          label: 'pair',
          uuid: guid(6),
          path: '/srv',
        },
        { device: '/dev/mapper/vault', format: 'ext4', label: 'safe', uuid: guid(7), path: '/srv/safe' },
        { device: `${data}p3`, format: 'vfat', label: 'PLAIN', uuid: '1234-ABCD', path: '/var/plain' },
        {
          device: '/dev/disk/by-partlabel/home',
          format: 'ext4',
          label: 'home',
          path: '/home/core',
          uuid: guid(9),
        },
      ],
    },
  })
}
