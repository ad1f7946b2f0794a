import { loopDisk, sh } from './loop.ts'
import type { Boot } from './proof-machine.ts'

/** What a case has to work with. */
export interface Scene {
  readonly url: string
  /** A disk with the partition 1 `old`, which holds ext4. The config of every case would make its table anew. */
  readonly disk: string
  /** Another one like it. */
  readonly other: string
}

export interface Case extends Omit<Boot, 'config'> {
  /** A config that cannot be carried out. */
  readonly config: (scene: Scene) => object
  /** Makes the machine one on which the config cannot be carried out; returns what takes that back. */
  readonly prepare?: (scene: Scene) => () => void
  readonly says: RegExp
}

const wiped = (device: string, partition: object = {}) => ({
  device,
  wipeTable: true,
  partitions: [{ number: 1, label: 'new', ...partition }],
})

/** A config that makes the first disk's table anew, and asks for something besides. */
const besides =
  (storage: (scene: Scene) => object, rest: object = {}): Case['config'] =>
  (scene) => ({ storage: { disks: [wiped(scene.disk)], ...storage(scene) }, ...rest })

const file = (source: (url: string) => string, rest: object = {}): Case['config'] =>
  besides(({ url }) => ({ files: [{ path: '/file', contents: { source: source(url), ...rest } }] }))

/** A file whose server does not give it: after a while that is a failure. */
const late = (source: (url: string) => string): Case['config'] =>
  besides(({ url }) => ({ files: [{ path: '/file', contents: { source: source(url) } }] }), {
    ignition: { version: '3.4.0', timeouts: { httpTotal: 60 } },
  })

const wrongHash = { verification: { hash: `sha256-${'0'.repeat(64)}` } }

const mounted = ({ disk }: Scene) => {
  sh('mkdir', '-p', '/run/busy')
  sh('mount', '-o', 'ro,noload', `${disk}p1`, '/run/busy')
  return () => sh('umount', '/run/busy')
}

/** Takes a filesystem away from the kernel, with everything that could bring it back. */
const unknownToKernel = () => {
  sh('modprobe', '-r', 'vfat')
  // as it is, the kernel would find it
  sh('modprobe', '--dry-run', '--quiet', 'fs-vfat')
  sh('mkdir', '-p', '/run/nothing')
  sh('mount', '--bind', '/run/nothing', '/lib/modules')
  return () => {
    sh('umount', '/lib/modules')
    sh('modprobe', 'vfat')
  }
}

const quick = ['--pbkdf', 'pbkdf2', '--pbkdf-force-iterations', '1000']
const volume = (device: string, rest: object = {}) => ({ name: 'vault', device, options: quick, ...rest })

/** Everything that can be found out before the first change, by what a boot says of it. */
export const cases: Readonly<Record<string, Case>> = {
  'status 404': { config: file((url) => `${url}/missing`), says: /^FL_FETCH: .*404/ },
  'status 403': { config: file((url) => `${url}/forbidden`), says: /^FL_FETCH: .*403/ },
  'status 500 until the time is over': {
    config: late((url) => `${url}/broken`),
    says: /^FL_FETCH_TIMEOUT: .*500/,
  },
  'status 503 with Retry-After': { config: late((url) => `${url}/busy`), says: /^FL_FETCH_TIMEOUT: .*503/ },
  'a body that breaks off': { config: late((url) => `${url}/truncated`), says: /^FL_FETCH_TIMEOUT/ },
  'a server that says nothing': { config: late((url) => `${url}/silent`), says: /^FL_FETCH_TIMEOUT/ },
  'a connection that is refused': {
    config: late(() => 'http://127.0.0.1:9/file'),
    says: /^FL_FETCH_TIMEOUT: .*REFUSED/,
  },
  'a name that nobody knows': {
    config: late(() => 'http://nowhere.invalid/file'),
    says: /^FL_FETCH_TIMEOUT: .*nowhere\.invalid/,
  },
  'too many redirects': { config: file((url) => `${url}/loop`), says: /^FL_\w+: .*redirect/ },
  'another hash': { config: file((url) => `${url}/good`, wrongHash), says: /^FL_HASH_MISMATCH/ },
  'another hash of contents in the config': {
    config: file(() => 'data:,x', wrongHash),
    says: /^FL_HASH_MISMATCH/,
  },
  'gzip that is none': {
    config: file((url) => `${url}/good`, { compression: 'gzip' }),
    says: /^FL_DECOMPRESS/,
  },
  'no room to stage': {
    config: file((url) => `${url}/large`),
    commandLine: 'firstlight.staging_limit=1M firstlight.staging_full=fail',
    says: /^FL_STAGING_FULL: .*large.*nothing was changed/,
  },
  'no program for a filesystem': {
    config: besides(({ disk }) => ({
      filesystems: [{ device: `${disk}p1`, format: 'xfs', wipeFilesystem: true }],
    })),
    without: ['mkfs.xfs'],
    says: /^FL_PROGRAM_MISSING: .*"mkfs\.xfs"/,
  },
  'no program for a volume': {
    config: besides(({ disk }) => ({ luks: [volume(`${disk}p1`, { wipeVolume: true })] })),
    without: ['cryptsetup'],
    says: /^FL_PROGRAM_MISSING: .*"cryptsetup"/,
  },
  'no program for accounts': {
    config: besides(() => ({}), { passwd: { users: [{ name: 'core' }] } }),
    without: ['useradd', 'usermod'],
    says: /^FL_PROGRAM_MISSING: .*"useradd"/,
  },
  'no helper for kernel arguments': {
    config: besides(() => ({}), { kernelArguments: { shouldExist: ['quiet'] } }),
    says: /^FL_PROGRAM_MISSING: .*"ignition-kargs-helper"/,
  },
  'a disk that is not there': {
    config: ({ disk }) => ({ storage: { disks: [wiped(disk), wiped('/dev/sdz')] } }),
    says: /^FL_DEVICE_MISSING: .*"\/dev\/sdz"/,
  },
  'a device of a filesystem that nobody brings': {
    config: besides(() => ({ filesystems: [{ device: '/dev/disk/by-partlabel/misspelt', format: 'ext4' }] })),
    says: /^FL_DEVICE_MISSING: .*misspelt/,
  },
  'a disk that is a file': {
    config: ({ disk }) => ({ storage: { disks: [wiped(disk), wiped('/etc/passwd')] } }),
    says: /^FL_DEVICE_MISSING: .*is a file, not a block device/,
  },
  'a filesystem on a partition that the config deletes': {
    config: ({ disk }) => ({
      storage: {
        disks: [{ device: disk, partitions: [{ number: 1, shouldExist: false, wipePartitionEntry: true }] }],
        filesystems: [{ device: `${disk}p1`, format: 'ext4' }],
      },
    }),
    says: /^FL_DEVICE_MISSING: .*that the config itself deletes/,
  },
  'a disk whose partition is mounted': {
    config: besides(() => ({})),
    prepare: mounted,
    says: /^FL_DEVICE_BUSY: .*mounted at/,
  },
  'a disk whose partition is swapped to': {
    config: besides(() => ({})),
    prepare: ({ disk }) => {
      sh('mkswap', `${disk}p1`)
      sh('swapon', `${disk}p1`)
      return () => sh('swapoff', `${disk}p1`)
    },
    says: /^FL_DEVICE_BUSY: .*swap/,
  },
  'a disk that the device mapper holds': {
    config: besides(() => ({})),
    prepare: ({ disk }) => {
      sh('dmsetup', 'create', 'holder', '--table', `0 2048 linear ${disk}p1 0`)
      return () => sh('dmsetup', 'remove', '--retry', 'holder')
    },
    says: /^FL_DEVICE_BUSY: .*held by "\/dev\/mapper\/holder"/,
  },
  'a second disk that is part of an array': {
    config: ({ disk, other }) => ({ storage: { disks: [wiped(disk), wiped(other)] } }),
    prepare: ({ other }) => {
      const devices = [`${other}p1`, loopDisk({ sizeMiB: 16 })]
      sh(
        'mdadm',
        '--create',
        '/dev/md/busy',
        '--run',
        '--assume-clean',
        '--metadata=1.2',
        '--level=1',
        '-n2',
        ...devices,
      )
      sh('mdadm', '--readonly', '/dev/md/busy')
      return () => sh('mdadm', '--stop', '/dev/md/busy')
    },
    says: /^FL_DEVICE_BUSY: .*held by/,
  },
  'a partition that is too large': {
    config: ({ disk, other }) => ({ storage: { disks: [wiped(disk), wiped(other, { sizeMiB: 4096 })] } }),
    says: /^FL_PARTITION_FIT: .*too small/,
  },
  'a partition where another one is': {
    config: ({ disk, other }) => ({
      storage: {
        disks: [wiped(disk), { device: other, partitions: [{ number: 2, startMiB: 2, sizeMiB: 4 }] }],
      },
    }),
    says: /^FL_PARTITION_FIT: .*partition 1 is at/,
  },
  'partitions that overlap in the config': {
    config: ({ disk }) => {
      const partitions = [
        { number: 1, startMiB: 1, sizeMiB: 8 },
        { number: 2, startMiB: 4, sizeMiB: 8 },
      ]
      return { storage: { disks: [{ device: disk, wipeTable: true, partitions }] } }
    },
    says: /^FL_CONFIG_INVALID/,
  },
  'a partition with another GUID that may not be wiped': {
    config: ({ disk, other }) => {
      const guid = '11111111-2222-3333-4444-555555555555'
      return { storage: { disks: [wiped(disk), { device: other, partitions: [{ number: 1, guid }] }] } }
    },
    says: /^FL_PARTITION_MISMATCH: .*GUID did not match/,
  },
  'a partition that may not be deleted': {
    config: ({ disk, other }) => ({
      storage: { disks: [wiped(disk), { device: other, partitions: [{ number: 1, shouldExist: false }] }] },
    }),
    says: /^FL_PARTITION_MISMATCH: .*wipePartitionEntry is false/,
  },
  'a table of another kind that may not be wiped': {
    config: ({ disk, other }) => ({
      storage: { disks: [wiped(disk), { device: other, partitions: [{ number: 1 }] }] },
    }),
    prepare: ({ other }) => {
      sh('bash', '-c', `sgdisk --gpttombr=1 ${other} || true`)
      return () => undefined
    },
    says: /^FL_DEVICE_OCCUPIED: .*wipeTable/,
  },
  'a disk that is a filesystem as a whole': {
    config: ({ disk, other }) => ({
      storage: { disks: [wiped(disk), { device: other, partitions: [{ number: 1 }] }] },
    }),
    prepare: ({ other }) => {
      sh('sgdisk', '--zap-all', other)
      sh('mkfs.ext4', '-q', '-F', other)
      return () => undefined
    },
    says: /^FL_DEVICE_OCCUPIED: .*ext4 as a whole/,
  },
  'a filesystem on another disk that may not be wiped': {
    config: besides(({ other }) => ({ filesystems: [{ device: `${other}p1`, format: 'xfs' }] })),
    says: /^FL_DEVICE_OCCUPIED: .*found ext4.*wipeFilesystem/,
  },
  'a filesystem where the new partition will be': {
    config: ({ disk }) => ({
      storage: {
        disks: [{ device: disk, wipeTable: true, partitions: [{ number: 5, label: 'new', startMiB: 1 }] }],
        filesystems: [{ device: '/dev/disk/by-partlabel/new', format: 'xfs' }],
      },
    }),
    says: /^FL_DEVICE_OCCUPIED: .*found ext4.*wipeFilesystem/,
  },
  'a volume on a device with a filesystem': {
    config: besides(({ other }) => ({ luks: [volume(`${other}p1`)] })),
    says: /^FL_DEVICE_OCCUPIED: .*found ext4.*wipeVolume/,
  },
  'a volume where the new partition has a filesystem': {
    config: besides(() => ({ luks: [volume('/dev/disk/by-partlabel/new')] })),
    says: /^FL_DEVICE_OCCUPIED: .*found ext4.*wipeVolume/,
  },
  'a key that is not there': {
    config: besides(({ disk, url }) => ({
      luks: [volume(`${disk}p1`, { wipeVolume: true, keyFile: { source: `${url}/missing` } })],
    })),
    says: /^FL_FETCH: .*404/,
  },
  'a tang server that is not there': {
    config: besides(({ disk, url }) => ({
      luks: [volume(`${disk}p1`, { wipeVolume: true, clevis: { tang: [{ url, thumbprint: 'x' }] } })],
    })),
    says: /^FL_FETCH: .*tang advertisement for LUKS volume "vault"/,
  },
  'an array on a device that is in use': {
    config: ({ disk, other }) => ({
      storage: {
        disks: [wiped(other)],
        raid: [{ name: 'data', level: 'raid1', devices: [`${disk}p1`, loopDisk({ sizeMiB: 8 })] }],
      },
    }),
    prepare: mounted,
    says: /^FL_DEVICE_BUSY: cannot make RAID array/,
  },
  'a filesystem that the kernel does not know': {
    config: besides(({ disk }) => ({
      filesystems: [{ device: `${disk}p1`, format: 'vfat', path: '/data', wipeFilesystem: true }],
    })),
    prepare: unknownToKernel,
    says: /^FL_MOUNT: the kernel of the initramfs does not know vfat/,
  },
  'an owner that the config removes': {
    config: besides(() => ({ files: [{ path: '/file', user: { name: 'old' } }] }), {
      passwd: { users: [{ name: 'old', shouldExist: false }] },
    }),
    says: /^FL_OWNER_UNKNOWN: .*user "old"/,
  },
  'a group that the mounted new root does not have': {
    config: besides(() => ({ files: [{ path: '/file', group: { name: 'nobodies' } }] })),
    root: '/run/mounted-root',
    prepare: () => {
      sh('mkdir', '-p', '/run/mounted-root')
      sh('mount', '-t', 'tmpfs', 'root', '/run/mounted-root')
      return () => sh('umount', '/run/mounted-root')
    },
    says: /^FL_OWNER_UNKNOWN: .*group "nobodies", which the new root does not have/,
  },
  'another plan than the one that was reviewed': {
    config: besides(() => ({})),
    commandLine: `firstlight.plan_hash=sha256-${'0'.repeat(64)}`,
    says: /^FL_PLAN_CHANGED/,
  },
  'a file below a file': {
    config: besides(() => ({ files: [{ path: '/file' }, { path: '/file/below' }] })),
    says: /^FL_FILE: file "\/file\/below" .*cannot be below file "\/file"/,
  },
}
