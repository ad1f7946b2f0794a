import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cached, digest, digestFiles, type Progress } from '../../../build/cache.ts'
import { run } from '../../../build/run.ts'

const overlay = join(import.meta.dirname, 'image/root')

const sectorBytes = 512
const sectorsPerMiB = 2048
/** Position and size of the partitions in MiB, as GPT partitions 1 to 3; the last MiB is the backup table's. */
export const layout = {
  diskMiB: 512,
  bios: { startMiB: 1, sizeMiB: 1 },
  boot: { startMiB: 2, sizeMiB: 32 },
  root: { startMiB: 34, sizeMiB: 477 },
}

/** Only for making the initramfs, or for a person at a console. */
// biome-ignore format: a list
const notInTheImage = [
  'boot', 'firstlight-output', 'usr/include', 'usr/lib/dracut', 'usr/lib/modules', 'usr/share/bash-completion',
  'usr/share/perl5', 'usr/lib/x86_64-linux-gnu/perl-base', 'usr/share/zoneinfo', 'usr/lib/x86_64-linux-gnu/gconv',
  'usr/lib/x86_64-linux-gnu/ldscripts', 'usr/lib/udev/hwdb.bin', 'var/cache', 'var/lib/apt', 'var/lib/dpkg', 'var/log',
]

/**
 * Units that the image keeps. All others of a general-purpose system cost time at every boot, most of all in the
 * first, where systemd applies its presets to each, and say nothing about provisioning.
 */
const keptUnits = {
  target:
    'basic cryptsetup cryptsetup-pre emergency final first-boot-complete graphical local-fs local-fs-pre multi-user network network-online ' +
    'network-pre nss-lookup nss-user-lookup paths poweroff reboot remote-fs remote-fs-pre rescue shutdown slices sockets ' +
    'swap sysinit time-set time-sync timers umount',
  service:
    'dbus-broker emergency fstrim systemd-fsck-root systemd-fsck@ systemd-journald systemd-machine-id-commit ' +
    'systemd-poweroff systemd-reboot systemd-remount-fs systemd-sysctl systemd-sysusers systemd-tmpfiles-setup ' +
    'systemd-tmpfiles-setup-dev systemd-tmpfiles-setup-dev-early systemd-udev-trigger systemd-udevd',
  socket: 'dbus systemd-journald systemd-journald-dev-log systemd-udevd-control systemd-udevd-kernel',
  timer: 'fstrim',
  slice: 'user',
}

/** Each is a process at every start of the service manager. */
const keptGenerators = new Set(['systemd-cryptsetup-generator', 'systemd-fstab-generator'])

/**
 * Path of a raw disk image: GPT with a boot partition that carries the first-boot flag and a root partition.
 * Nothing is booted or mounted: mke2fs fills each file system in its place.
 */
export async function buildDisk(tree: string, progress: Progress): Promise<string> {
  const recipe = JSON.stringify({ layout, notInTheImage, keptUnits })
  const folder = await cached({
    name: 'disk',
    key: digest(tree, digestFiles(overlay, import.meta.filename), recipe),
    async build(output) {
      progress('making the disk image')
      const scratch = mkdtempSync(join(tmpdir(), 'firstlight-disk-'))
      try {
        const root = join(scratch, 'root')
        await run('cp', ['-a', '--reflink=auto', tree, root])
        trim(root)
        await fill(join(output, 'disk.raw'), scratch)
      } finally {
        rmSync(scratch, { recursive: true, force: true })
      }
    },
  })
  return join(folder, 'disk.raw')
}

/** Turns the tree into the root file system of a machine that has never been booted. */
function trim(root: string): void {
  for (const path of notInTheImage) rmSync(join(root, path), { recursive: true, force: true })
  for (const path of ['boot', 'var/cache', 'var/log', 'tmp']) mkdirSync(join(root, path), { recursive: true })
  // The service manager takes this as a first boot, in which unit presets are applied.
  writeFileSync(join(root, 'etc/machine-id'), 'uninitialized\n')
  writeFileSync(join(root, 'etc/hostname'), 'machine\n')
  const generators = join(root, 'usr/lib/systemd/system-generators')
  for (const name of readdirSync(generators)) if (!keptGenerators.has(name)) rmSync(join(generators, name))
  keepUnits(join(root, 'usr/lib/systemd/system'))
  const units = join(root, 'etc/systemd/system')
  for (const name of readdirSync(units))
    if (name.endsWith('.wants')) rmSync(join(units, name), { recursive: true })
  cpSync(overlay, root, { recursive: true })
  symlinkSync('/usr/lib/systemd/system/machine.target', join(units, 'default.target'))
}

function keepUnits(folder: string): void {
  const kept = new Set(
    Object.entries(keptUnits).flatMap(([kind, names]) => names.split(' ').map((name) => `${name}.${kind}`)),
  )
  for (const name of readdirSync(folder)) {
    const path = join(folder, name)
    if (!/\.(wants|requires|d)$/.test(name)) {
      if (!kept.has(name)) rmSync(path, { recursive: true })
      continue
    }
    for (const unit of name.endsWith('.d') ? [] : readdirSync(path))
      if (!kept.has(unit)) rmSync(join(path, unit))
  }
}

async function fill(image: string, scratch: string): Promise<void> {
  const { bios, boot, root, diskMiB } = layout
  writeFileSync(image, '')
  truncateSync(image, diskMiB * 2 ** 20)
  const partitions = [
    { ...bios, type: 'ef02', name: 'bios' },
    { ...boot, type: '8300', name: 'boot' },
    { ...root, type: '8304', name: 'root' },
  ].flatMap(({ startMiB, sizeMiB, type, name }, index) => {
    const first = startMiB * sectorsPerMiB
    const number = index + 1
    return [
      `--new=${number}:${first}:${first + sizeMiB * sectorsPerMiB - 1}`,
      `--typecode=${number}:${type}`,
      `--change-name=${number}:${name}`,
    ]
  })
  await run('sgdisk', ['--clear', ...partitions, image])
  mkdirSync(join(scratch, 'boot'))
  writeFileSync(join(scratch, 'boot/ignition.firstboot'), '')
  for (const [label, { startMiB, sizeMiB }] of Object.entries({ boot, root })) {
    const offset = startMiB * sectorsPerMiB * sectorBytes
    const place = ['-E', `offset=${offset},lazy_itable_init=1,nodiscard`, image, `${sizeMiB}M`]
    // Without MKE2FS_SYNC=0 it waits for a disk that nobody needs.
    await run(
      'mke2fs',
      ['-q', '-F', '-t', 'ext4', '-b', '4096', '-m', '0', '-L', label, '-d', join(scratch, label), ...place],
      { MKE2FS_SYNC: '0' },
    )
  }
}
