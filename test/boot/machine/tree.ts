import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cached, digest, type Progress } from '../../../build/cache.ts'
import { suite, unpackDebian } from '../../../build/debian.ts'
import { run } from '../../../build/run.ts'

/** The test machine's Debian packages: what a small server has, and what dracut needs to make its initramfs. */
const packages = [
  'binutils', // strip: dracut strips what it packs wherever strip is installed, and that must not break us
  'ca-certificates',
  'cpio',
  'cryptsetup-bin',
  'dbus-broker',
  'dosfstools',
  'dracut-core',
  'dracut-network',
  'e2fsprogs',
  'gdisk',
  'iproute2',
  'kmod',
  'libatomic1', // which the executable is linked to
  'libstdc++6',
  'linux-image-cloud-amd64',
  'login',
  'passwd',
  'systemd',
  'systemd-cryptsetup', // opens volumes by crypttab
  'systemd-sysv',
  'udev',
  'util-linux',
]

/** Where the initramfs build puts things into the tree and takes its result from. */
export const mountPoints = {
  modules: ['30firstlight', '31firstlight-first-boot', '35machine'].map(
    (name) => `usr/lib/dracut/modules.d/${name}`,
  ),
  output: 'firstlight-output',
}

const unpackModules = `
cd "$1"
kernel=$(ls usr/lib/modules)
find usr/lib/modules -name '*.ko.xz' -print0 | xargs -0 -r -P 2 -n 50 unxz
depmod -b "$1" "$kernel"
`

/** A Debian root file system as a folder, never booted. Its modules are unpacked: xz is slow in an emulated machine. */
export async function debianTree(progress: Progress): Promise<string> {
  const key = digest(suite, packages.join(' '), unpackModules, JSON.stringify(mountPoints))
  return cached({
    name: 'tree',
    key,
    async build(folder) {
      if (process.getuid?.() !== 0)
        throw new Error("The test machine's files belong to root: run this as root.")
      progress(`making a Debian ${suite} tree of ${packages.length} packages (once, about a minute)`)
      await bootstrap(folder)
      await run('bash', ['-ec', unpackModules, 'unpack', folder])
      for (const path of [...mountPoints.modules, mountPoints.output]) mkdirSync(join(folder, path))
    },
  })
}

async function bootstrap(folder: string): Promise<void> {
  const leaveOut = ['man', 'locale', 'doc', 'info', 'i18n'].map(
    (name) => `--dpkgopt=path-exclude=/usr/share/${name}/*`,
  )
  // INITRD=No: the kernel package must not make an initramfs that nobody uses.
  const environment = { INITRD: 'No' }
  await unpackDebian(folder, { packages, options: ['--variant=minbase', ...leaveOut], environment })
  writeFileSync(join(folder, 'etc/resolv.conf'), '')
}

/** Version of the tree's only kernel, as in `/lib/modules`. */
export function kernelVersion(tree: string): string {
  const [version] = readdirSync(join(tree, 'usr/lib/modules'))
  if (version === undefined) throw new Error(`${tree} has no kernel`)
  return version
}
