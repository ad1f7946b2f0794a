import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { checkout, type Progress } from '../../../build/cache.ts'
import { ensurePackages } from '../../../build/packages.ts'
import { run } from '../../../build/run.ts'
import { extractedTree } from '../../../build/target.ts'

const packages = ['busybox-static', 'libatomic1', 'libc6', 'libstdc++6', 'linux-image-arm64']

/** The program that is the machine. */
const emulator = 'qemu-system-aarch64'

/** As for other machines; an emulated processor that is one of another kind is slower still. */
const timeoutSeconds = 280

/**
 * Boots an arm64 machine without a disk that runs every stage with `config` in its firmware, from `executable`, on a root in
 * memory. Returns the lines that it reports, or throws an Error with the end of its console when there are none.
 */
export async function bootArm64(options: {
  readonly executable: string
  readonly config: string
  readonly progress: Progress
}): Promise<string[]> {
  const { executable, config, progress } = options
  ensurePackages(['cpio', 'debian-archive-keyring', 'mmdebstrap', 'qemu-system-aarch64', 'unxz'])
  const tree = await extractedTree({ architecture: 'arm64', packages, progress })
  const scratch = mkdtempSync(join(tmpdir(), 'firstlight-arm64-'))
  try {
    const initramfs = await packInitramfs({ tree, executable, scratch })
    writeFileSync(join(scratch, 'config.ign'), config)
    const { all } = await execa(emulator, machine({ tree, initramfs, scratch }), {
      all: true,
      reject: false,
      stdin: 'ignore',
      timeout: timeoutSeconds * 1000,
    })
    const lines = all.replaceAll('\r', '').split('\n')
    const reported = lines.filter((line) => line.startsWith('report: ')).map((line) => line.slice(8))
    if (reported.length > 0) return reported
    throw new Error(`The arm64 machine reported nothing. Its console ends:\n${lines.slice(-40).join('\n')}`)
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

interface Parts {
  readonly tree: string
  readonly scratch: string
}

function machine({ tree, scratch, initramfs }: Parts & { readonly initramfs: string }): string[] {
  const [kernel = ''] = readdirSync(join(tree, 'boot')).filter((name) => name.startsWith('vmlinuz-'))
  return [
    [
      '-nodefaults',
      '-no-user-config',
      '-display',
      'none',
      '-monitor',
      'none',
      '-no-reboot',
      '-serial',
      'stdio',
    ],
    ['-machine', 'virt', '-cpu', 'cortex-a72', '-smp', '1', '-m', '1024'],
    ['-kernel', join(tree, 'boot', kernel), '-initrd', initramfs],
    ['-append', 'console=ttyAMA0 panic=-1 loglevel=4 ignition.firstboot'],
    ['-fw_cfg', `name=opt/com.coreos/config,file=${join(scratch, 'config.ign')}`],
  ].flat()
}

/** What the machine needs and no more: the program with its libraries, BusyBox, one module. */
async function packInitramfs(options: Parts & { readonly executable: string }): Promise<string> {
  const { tree, scratch, executable } = options
  const root = join(scratch, 'root')
  for (const folder of ['bin', 'etc', 'usr/bin', 'usr/lib'])
    mkdirSync(join(root, folder), { recursive: true })
  cpSync(join(tree, 'usr/lib/aarch64-linux-gnu'), join(root, 'lib/aarch64-linux-gnu'), {
    recursive: true,
    verbatimSymlinks: true,
  })
  copyFileSync(join(tree, 'usr/lib/ld-linux-aarch64.so.1'), join(root, 'lib/ld-linux-aarch64.so.1'))
  copyFileSync(join(tree, 'usr/bin/busybox'), join(root, 'bin/busybox'))
  copyFileSync(executable, join(root, 'usr/bin/ignition'))
  copyFileSync(join(checkout, 'test/boot/machine/image/arm64/init'), join(root, 'init'))
  const [kernel = ''] = readdirSync(join(tree, 'usr/lib/modules'))
  const module = join(tree, 'usr/lib/modules', kernel, 'kernel/drivers/firmware/qemu_fw_cfg.ko.xz')
  copyFileSync(module, join(root, 'qemu_fw_cfg.ko.xz'))
  await run('unxz', [join(root, 'qemu_fw_cfg.ko.xz')])
  const initramfs = join(scratch, 'initramfs.img')
  await run('bash', ['-ec', 'cd "$1" && find . | cpio --quiet -o -H newc > "$2"', 'pack', root, initramfs])
  return initramfs
}
