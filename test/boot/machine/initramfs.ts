import { copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cached, checkout, digest, digestFiles, type Progress } from '../../../build/cache.ts'
import { run } from '../../../build/run.ts'
import { kernelVersion, mountPoints } from './tree.ts'

const modules = {
  firstlight: join(checkout, 'dracut/30firstlight'),
  firstBoot: join(checkout, 'dracut/31firstlight-first-boot'),
  machine: join(import.meta.dirname, 'image/dracut'),
}
const report = join(import.meta.dirname, 'image/root/usr/libexec/machine-report')

/**
 * What dracut puts in besides the modules that these depend on. Not compressed: unpacking is what an emulated
 * machine is slowest at.
 */
const dracutArguments = [
  '--force',
  '--no-hostonly',
  '--no-hostonly-cmdline',
  '--no-early-microcode',
  '--no-compress',
  '--modules',
  'bash systemd systemd-initrd systemd-emergency systemd-journald systemd-sysusers systemd-tmpfiles systemd-udevd ' +
    'systemd-modules-load systemd-networkd dm crypt systemd-cryptsetup rootfs-block fs-lib udev-rules base firstlight firstlight-first-boot machine',
  '--omit',
  'qemu-net nvdimm',
  // Network cards of other machines.
  '--omit-drivers',
  'mlx.* ena gve mana ionic idpf i40e.* iavf ixgbevf.* igbvf sfc.* bnxt.* vmxnet3 hv_.* bonding bridge team.* macvlan',
]

/** In a mount namespace of its own: $1 the tree, $2 the folder with modules, $3 the output, then dracut's arguments. */
const runDracut = `
tree=$1 modules=$2 output=$3
shift 3
for folder in proc sys dev; do mount --rbind "/$folder" "$tree/$folder"; done
mount -t tmpfs scratch "$tree/var/tmp"
for module in "$modules"/*; do mount --bind "$module" "$tree/usr/lib/dracut/modules.d/\${module##*/}"; done
mount --bind "$output" "$tree/${mountPoints.output}"
exec chroot "$tree" dracut "$@"
`

export interface InitramfsOptions {
  readonly tree: string
  /** The program under test. */
  readonly executable: string
  /** Variables of dracut's configuration. */
  readonly settings: Readonly<Record<string, string>>
  readonly progress: Progress
}

/** Path of an initramfs with Firstlight in it, made by dracut as a distribution would make it. */
export async function buildInitramfs(options: InitramfsOptions): Promise<string> {
  const { tree, executable, settings, progress } = options
  const inputs = digestFiles(executable, report, ...Object.values(modules))
  const folder = await cached({
    name: 'initramfs',
    key: digest(
      tree,
      kernelVersion(tree),
      inputs,
      runDracut,
      dracutArguments.join('\n'),
      JSON.stringify(settings),
    ),
    async build(output) {
      progress('making the initramfs with dracut (some seconds, again for every new executable)')
      const staged = stageModules(executable)
      try {
        const image = ['--kver', kernelVersion(tree), `/${mountPoints.output}/initramfs.img`]
        const namespace = ['--mount', '--propagation', 'private', 'bash', '-ec', runDracut, 'dracut']
        await run('unshare', [...namespace, tree, staged, output, ...dracutArguments, ...image], settings)
      } finally {
        rmSync(staged, { recursive: true, force: true })
      }
    },
  })
  return join(folder, 'initramfs.img')
}

/** The dracut modules as a distribution's package would install them, the executable beside its module. */
function stageModules(executable: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'firstlight-dracut-'))
  const targets = { firstlight: '30firstlight', firstBoot: '31firstlight-first-boot', machine: '35machine' }
  for (const key of ['firstlight', 'firstBoot', 'machine'] as const) {
    mkdirSync(join(folder, targets[key]))
    cpSync(modules[key], join(folder, targets[key]), { recursive: true })
  }
  copyFileSync(executable, join(folder, '30firstlight/firstlight'))
  copyFileSync(report, join(folder, '35machine/machine-report'))
  return folder
}
