import { spawnSync } from 'node:child_process'
import { accessSync, constants, readdirSync } from 'node:fs'
import { join } from 'node:path'

interface HostPackage {
  /** The Debian package that brings it. */
  readonly package: string
  /** A file by its full path, when it is not a program of PATH. */
  readonly path?: string
}

/** What the build and the tests need from the machine besides npm packages: program or file → Debian package. */
export const hostPackages = {
  bzip2: { package: 'bzip2' },
  'clevis-encrypt-tpm2': { package: 'clevis-tpm2' },
  'clevis-luks-bind': { package: 'clevis-luks' },
  cpio: { package: 'cpio' },
  cryptsetup: { package: 'cryptsetup-bin' },
  debugfs: { package: 'e2fsprogs' },
  'debian-archive-keyring': {
    package: 'debian-archive-keyring',
    path: '/usr/share/keyrings/debian-archive-keyring.gpg',
  },
  e2fsck: { package: 'e2fsprogs' },
  genisoimage: { package: 'genisoimage' },
  ip: { package: 'iproute2' },
  'iPXE ROM': { package: 'ipxe-qemu', path: '/usr/lib/ipxe/qemu/pxe-virtio.rom' },
  jose: { package: 'jose' },
  'linux.uml': { package: 'user-mode-linux' },
  losetup: { package: 'mount' },
  mcopy: { package: 'mtools' },
  mdadm: { package: 'mdadm' },
  mke2fs: { package: 'e2fsprogs' },
  'mkfs.btrfs': { package: 'btrfs-progs' },
  'mkfs.fat': { package: 'dosfstools' },
  'mkfs.xfs': { package: 'xfsprogs' },
  mmdebstrap: { package: 'mmdebstrap' },
  modprobe: { package: 'kmod' },
  partx: { package: 'util-linux' },
  'qemu-aarch64': { package: 'qemu-user' },
  'qemu-img': { package: 'qemu-utils' },
  'qemu-system-aarch64': { package: 'qemu-system-arm' },
  'qemu-system-x86_64': { package: 'qemu-system-x86' },
  'qemu-x86_64': { package: 'qemu-user' },
  time: { package: 'time', path: '/usr/bin/time' },
  'reference ignition': { package: 'ignition', path: '/usr/lib/dracut/modules.d/30ignition/ignition' },
  setpriv: { package: 'util-linux' },
  sfdisk: { package: 'fdisk' },
  sgdisk: { package: 'gdisk' },
  strip: { package: 'binutils' },
  systemctl: { package: 'systemd' },
  swtpm: { package: 'swtpm' },
  'tang server': { package: 'tang', path: '/usr/libexec/tangd' },
  taskset: { package: 'util-linux' },
  udevd: { package: 'udev', path: '/lib/systemd/systemd-udevd' },
  unshare: { package: 'util-linux' },
  unxz: { package: 'xz-utils' },
  zstd: { package: 'zstd' },
} as const satisfies Record<string, HostPackage>

/** A row of `hostPackages`. */
export type HostProgram = keyof typeof hostPackages

/**
 * Installs through apt-get whatever of `names` is missing, with one line of progress. Throws an Error that names
 * what is missing, the packages and the command to run by hand when that does not work.
 */
export function ensurePackages(names: readonly HostProgram[]): void {
  const missing = missingOf(names)
  if (missing.length === 0) return
  const packages = [...new Set(missing.map((name) => hostPackages[name].package))].sort()
  const byHand = `Run \`apt-get install ${packages.join(' ')}\` as root.`
  const what = `These programs are missing: ${missing.join(', ')}.`
  if (!isExecutable('apt-get'))
    throw new Error(
      `${what} This machine has no apt-get; in Debian they come from the packages ${packages.join(', ')}.`,
    )
  if (process.getuid?.() !== 0) throw new Error(`${what} ${byHand}`)
  console.error(`firstlight: installing Debian packages: ${packages.join(' ')}`)
  const failure = install(packages)
  if (failure !== undefined) throw new Error(`${what} apt-get could not install them: ${failure} ${byHand}`)
  const still = missingOf(names)
  if (still.length > 0)
    throw new Error(
      `apt-get installed ${packages.join(', ')}, but ${still.join(', ')} cannot be found in PATH.`,
    )
}

/** Rows of `names` that are not on this machine. */
function missingOf(names: readonly HostProgram[]): HostProgram[] {
  return names.filter((name) => {
    const row: HostPackage = hostPackages[name]
    return !isExecutable(row.path ?? name)
  })
}

/** The last line of what apt-get said when it failed. A first failure may come from old package lists. */
function install(packages: readonly string[]): string | undefined {
  const args = ['install', '-y', '--no-install-recommends', ...packages]
  if (hasPackageLists() && aptGet(args) === undefined) return undefined
  return aptGet(['update']) ?? aptGet(args)
}

function aptGet(args: readonly string[]): string | undefined {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const { status, stderr, error } = spawnSync('apt-get', ['-q', ...args], { env, encoding: 'utf8' })
  if (error) return error.message
  return status === 0 ? undefined : (stderr.trim().split('\n').at(-1) ?? `exit code ${status}.`)
}

function hasPackageLists(): boolean {
  try {
    return readdirSync('/var/lib/apt/lists').some((name) => name.includes('_Packages'))
  } catch {
    return false
  }
}

/** System programs live in /usr/sbin, which an ordinary user's PATH may lack. */
function isExecutable(program: string): boolean {
  const folders = program.startsWith('/')
    ? ['']
    : [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/sbin']
  return folders.some((folder) => {
    try {
      accessSync(join(folder, program), program.startsWith('/') ? constants.R_OK : constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}
