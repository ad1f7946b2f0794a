/**
 * Every external program that Firstlight may start: the name looked up in PATH, and the Debian package and the
 * dracut module that bring it, for the message when it is missing.
 */
export const programs = {
  chroot: { file: 'chroot', package: 'coreutils' },
  cryptsetup: { file: 'cryptsetup', package: 'cryptsetup-bin' },
  groupadd: { file: 'groupadd', package: 'passwd' },
  groupdel: { file: 'groupdel', package: 'passwd' },
  groupmod: { file: 'groupmod', package: 'passwd' },
  'is-live-image': { file: 'is-live-image', package: 'the distribution (optional)' },
  mount: { file: 'mount', package: 'mount' },
  modprobe: { file: 'modprobe', package: 'kmod' },
  setfiles: { file: 'setfiles', package: 'policycoreutils' },
  systemctl: { file: 'systemctl', package: 'systemd' },
  useradd: { file: 'useradd', package: 'passwd' },
  userdel: { file: 'userdel', package: 'passwd' },
  usermod: { file: 'usermod', package: 'passwd' },
} as const satisfies Record<string, { readonly file: string; readonly package: string }>

export type ProgramName = keyof typeof programs
