import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { cached, digest } from '../../../build/cache.ts'

/** The program that is the machine. */
export const emulator = 'qemu-system-x86_64'

const probeSeconds = 5

const emulation = 'tcg,tb-size=512'

/** Enough for the initramfs and, unpacked beside it, the same again with a large executable in it. */
const ampleMemoryMiB = 1536

/** The part of QEMU's command line that says what the machine is; `accelerator` is its `-accel` value. */
export function machineArguments(accelerator: string, memoryMiB = ampleMemoryMiB): string[] {
  const bare = ['-nodefaults', '-no-user-config', '-display', 'none', '-monitor', 'none', '-no-reboot']
  // QEMU 7.2 now and then returns from an emulated cmpxchg16b with wrong flags, and the guest's kernel dies of it in
  // its memory allocator; without the feature it does not use the instruction.
  const cpu = accelerator === 'kvm' ? 'max' : 'max,-cx16'
  // One processor: the kernel patches its own code while it starts, and an emulated second processor that runs that
  // code meanwhile died of it (in sched_clock_cpu, one boot of some hundreds).
  const processor = ['-machine', 'q35', '-accel', accelerator, '-cpu', cpu, '-smp', '1']
  return [...bare, ...processor, '-m', String(memoryMiB)]
}

/**
 * QEMU's `-accel` value: `kvm` where this kernel really starts with it, emulation otherwise. /dev/kvm may exist and
 * its guests hang or abort (nested virtualisation), so the kernel has to say its first words within 5 seconds.
 */
export async function acceleration(kernel: string): Promise<string> {
  if (!existsSync('/dev/kvm')) return emulation
  const hostBoot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8')
  const folder = await cached({
    name: 'acceleration',
    key: digest(hostBoot, kernel),
    async build(output) {
      writeFileSync(join(output, 'answer'), (await startsWithKvm(kernel)) ? 'kvm' : emulation)
    },
  })
  return readFileSync(join(folder, 'answer'), 'utf8')
}

async function startsWithKvm(kernel: string): Promise<boolean> {
  const start = ['-kernel', kernel, '-append', 'console=ttyS0 panic=-1', '-serial', 'stdio']
  const qemu = execa(emulator, [...machineArguments('kvm'), ...start], {
    reject: false,
    stdin: 'ignore',
    timeout: probeSeconds * 1000,
    killSignal: 'SIGKILL',
  })
  const { stdout } = await qemu
  return stdout.includes('Linux version')
}
