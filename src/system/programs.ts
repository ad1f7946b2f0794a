/**
 * Every external program that Firstlight may start: the name looked up in PATH, and the Debian package and the
 * dracut module that bring it, for the message when it is missing. Only what changes nothing has a limit in seconds,
 * after which it is killed: docs/decisions/programs-without-limit.md.
 */
export const programs = {
  blkid: { file: 'blkid', package: 'util-linux', limitSeconds: 300 },
  chccwdev: { file: 'chccwdev', package: 's390-tools' },
  chroot: { file: 'chroot', package: 'coreutils' },
  cio_ignore: { file: 'cio_ignore', package: 's390-tools' },
  clevis: { file: 'clevis', package: 'clevis' },
  cryptsetup: { file: 'cryptsetup', package: 'cryptsetup-bin' },
  'clevis-encrypt-sss': { file: 'clevis-encrypt-sss', package: 'clevis' },
  'clevis-encrypt-tang': { file: 'clevis-encrypt-tang', package: 'clevis' },
  'clevis-encrypt-tpm2': { file: 'clevis-encrypt-tpm2', package: 'clevis-tpm2' },
  'clevis-luks-bind': { file: 'clevis-luks-bind', package: 'clevis-luks' },
  'clevis-luks-unlock': { file: 'clevis-luks-unlock', package: 'clevis-luks' },
  dmsetup: { file: 'dmsetup', package: 'dmsetup' },
  groupadd: { file: 'groupadd', package: 'passwd' },
  groupdel: { file: 'groupdel', package: 'passwd' },
  groupmod: { file: 'groupmod', package: 'passwd' },
  'ignition-kargs-helper': { file: 'ignition-kargs-helper', package: 'the distribution' },
  'is-live-image': { file: 'is-live-image', package: 'the distribution (optional)', limitSeconds: 60 },
  mdadm: { file: 'mdadm', package: 'mdadm' },
  'mkfs.btrfs': { file: 'mkfs.btrfs', package: 'btrfs-progs' },
  'mkfs.ext4': { file: 'mkfs.ext4', package: 'e2fsprogs' },
  'mkfs.fat': { file: 'mkfs.fat', package: 'dosfstools' },
  'mkfs.xfs': { file: 'mkfs.xfs', package: 'xfsprogs' },
  mkswap: { file: 'mkswap', package: 'util-linux' },
  modprobe: { file: 'modprobe', package: 'kmod' },
  mount: { file: 'mount', package: 'mount' },
  partx: { file: 'partx', package: 'util-linux' },
  setfiles: { file: 'setfiles', package: 'policycoreutils' },
  sgdisk: { file: 'sgdisk', package: 'gdisk' },
  systemctl: { file: 'systemctl', package: 'systemd' },
  udevadm: { file: 'udevadm', package: 'udev', limitSeconds: 180 },
  useradd: { file: 'useradd', package: 'passwd' },
  userdel: { file: 'userdel', package: 'passwd' },
  usermod: { file: 'usermod', package: 'passwd' },
  vmur: { file: 'vmur', package: 's390-tools' },
  wipefs: { file: 'wipefs', package: 'util-linux' },
  zkey: { file: 'zkey', package: 's390-tools' },
  'zkey-cryptsetup': { file: 'zkey-cryptsetup', package: 's390-tools' },
} as const satisfies Record<
  string,
  { readonly file: string; readonly package: string; readonly limitSeconds?: number }
>

export type ProgramName = keyof typeof programs
