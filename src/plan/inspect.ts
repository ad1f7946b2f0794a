import { isThere } from '../block/require.ts'
import { showUrl } from '../resources/show-url.ts'
import { listAccounts } from '../system/accounts.ts'
import { readMountTable } from '../system/mount-table.ts'
import { createPathResolver } from '../system/path-resolver.ts'
import { type ProgramName, programs } from '../system/programs.ts'
import type { System } from '../system/system.ts'
import { inspectDevices } from './inspect-devices.ts'
import type { Machine } from './machine.ts'

export interface InspectOptions {
  readonly system: System
  /** The root whose accounts are described; undefined for none. */
  readonly root: string | undefined
}

/** Describes a machine without changing it. What cannot be seen is left out, and `unseen` says why. */
export async function inspectMachine({ system, root }: InspectOptions): Promise<Machine> {
  const unseen: string[] = []
  const look = <T>(what: string, work: () => T, otherwise: T): T => {
    try {
      return work()
    } catch (error) {
      unseen.push(`${what}: ${error instanceof Error ? error.message : String(error)}`)
      return otherwise
    }
  }
  const words = look('the kernel command line', () => readKernelArguments(system), [])
  const accounts =
    root === undefined ? undefined : look('accounts', () => readAccounts(system, root), undefined)
  const platform = words.findLast((each) => each.startsWith(platformArgument))?.slice(platformArgument.length)
  return {
    version: 1,
    where: look('whether this is an initramfs', () => whereIs(system), 'system'),
    architecture: system.architecture,
    memoryBytes: look('memory', () => readMemory(system), 0),
    ...(platform && { platform }),
    kernelArguments: words,
    programs: (Object.keys(programs) as readonly ProgramName[]).filter((name) => isThere(system, name)),
    devices: await inspectDevices(system, (reason) => void unseen.push(reason)),
    mounts: look('mounts', () => readMounts(system), []),
    ...(accounts && { root: accounts }),
    unseen,
  }
}

/** A file that only an initramfs has: <https://systemd.io/INITRD_INTERFACE/>. */
const whereIs = ({ files }: System): Machine['where'] =>
  files.stat('/etc/initrd-release') ? 'initramfs' : 'system'

const platformArgument = 'ignition.platform.id='

/** Names of arguments whose values are nobody's business. */
const secretName = /passw|secret|token|credential/i

function readKernelArguments(system: System): readonly string[] {
  const path = system.environment('IGNITION_KERNEL_CMDLINE_PATH') ?? '/proc/cmdline'
  return system.files
    .readText(path)
    .split(/\s+/)
    .filter((each) => each !== '')
    .map((each) => {
      const equals = each.indexOf('=')
      if (equals < 0) return each
      const [name, value] = [each.slice(0, equals), each.slice(equals + 1)]
      return `${name}=${secretName.test(name) ? '***' : showUrl(value)}`
    })
}

/** `MemTotal:  16338348 kB`, see proc_meminfo(5). */
const readMemory = ({ files }: System) =>
  Number(/^MemTotal:\s+(\d+) kB$/m.exec(files.readText('/proc/meminfo'))?.[1] ?? 0) * 1024

/** Only those of devices: the kernel's own filesystems say nothing about disks. */
const readMounts = ({ files }: System) =>
  readMountTable(files)
    .filter(({ source }) => source.startsWith('/'))
    .map(({ path, source, type }) => ({ path, source, type }))

function readAccounts({ files }: System, root: string): NonNullable<Machine['root']> {
  const paths = createPathResolver(files, root.replace(/\/+$/, ''))
  const { users, groups } = listAccounts((path) => {
    const target = paths.follow(path)
    return files.stat(target)?.type === 'file' ? files.readText(target) : undefined
  })
  return { path: root, users, groups }
}
