import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { execa } from 'execa'
import { acceleration, emulator, machineArguments } from './acceleration.ts'
import { hasFirstBootFlag } from './loader.ts'
import type { Machine } from './machine.ts'
import { parseReport, type Report } from './report.ts'

export interface ConsoleLine {
  /** Since the machine was switched on. */
  readonly seconds: number
  readonly text: string
}

export interface BootOptions {
  readonly machine: Machine
  /** A qcow2 disk of `copyDisk`; the boot changes it. */
  readonly disk: string
  /** Goes before QEMU's command line: `Cloud.prefix`. */
  readonly prefix?: readonly [string, ...string[]]
  /** A second disk, qcow2: /dev/disk/by-id/virtio-second. */
  readonly secondDisk?: string
  /** Kernel arguments besides console and root. */
  readonly arguments: readonly string[]
  /** Whether the boot loader reads the disk's first-boot flag, as GRUB does and a boot server cannot. Default: true. */
  readonly readFlag?: boolean
  /** Contents of QEMU's firmware configuration by name: `opt/com.coreos/config`. */
  readonly firmware?: Readonly<Record<string, string>>
  /** A second console, a virtio one: of serial ports the kernel takes one. */
  readonly secondConsole?: boolean
  /** A network card; the host's loopback is 10.0.2.2 for the guest. */
  readonly network?: boolean
  /**
   * Boots over the network: the card's firmware (iPXE) gets a script over TFTP, and by it the kernel and the initramfs
   * over HTTP from this address, as `kernel` and `initramfs`.
   */
  readonly bootServer?: string
  /** Default: ample. */
  readonly memoryMiB?: number
  /** Paths of the guest's root file system that the report is to describe. */
  readonly paths?: readonly string[]
  /** Default: 280. */
  readonly timeoutSeconds?: number
  readonly onLine?: (line: ConsoleLine) => void
}

export interface Boot {
  readonly console: readonly ConsoleLine[]
  /** Text of the second console; empty without one. */
  readonly secondConsole: string
  /** What came over the virtio-serial port for outcome reports. */
  readonly outcome: string
  readonly report: Report
  /** From switching on to switching off. */
  readonly seconds: number
}

/** A root by label, every unit's start and end in full on the console, and an end instead of a hang after a panic. */
const kernelArguments = [
  'console=ttyS0',
  'root=LABEL=root',
  'rw',
  'loglevel=4',
  'panic=-1',
  'systemd.show_status=true',
  'systemd.tty.columns.console=160',
  'systemd.tty.rows.console=50',
]

/** What the service manager says first, once it runs. */
const initStarted = 'Welcome to '

/** The emulated kernel died before any program ran: that says nothing about what is tested. */
function diedBeforeInit(console: readonly ConsoleLine[]): boolean {
  const has = (text: string) => console.some((line) => line.text.includes(text))
  return has('Kernel panic') && !has(initStarted)
}

/**
 * Boots the machine to its end. Throws an Error with the last lines of the console when it neither came up nor
 * stopped in the emergency target within the time allowed.
 */
export async function boot(options: BootOptions): Promise<Boot> {
  const scratch = mkdtempSync(join(tmpdir(), 'firstlight-qemu-'))
  try {
    const args = await qemuArguments(options, scratch)
    let { console, seconds } = await runQemu(options, args)
    if (diedBeforeInit(console)) {
      process.stderr.write(`firstlight: the emulated kernel panicked before init; switching on once more\n`)
      ;({ console, seconds } = await runQemu(options, args))
    }
    const report = parseReport(readFileSync(join(scratch, 'report'), 'utf8'))
    const text = (name: string) => readFileSync(join(scratch, name), 'utf8')
    const secondConsole = options.secondConsole === true ? text('second-console') : ''
    if (report !== undefined) return { console, report, seconds, secondConsole, outcome: text('outcome') }
    const last = console.slice(-40).map(({ text }) => text)
    throw new Error(
      `The machine gave no report in ${Math.round(seconds)} s. Its console ends:\n${last.join('\n')}`,
    )
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

async function qemuArguments(options: BootOptions, scratch: string): Promise<string[]> {
  const { machine, disk, secondDisk, network, firmware = {}, paths = [] } = options
  const firstBoot = options.readFlag !== false && (await hasFirstBootFlag(disk)) ? ['ignition.firstboot'] : []
  const consoles = options.secondConsole === true ? ['console=hvc0'] : []
  const append = [...consoles, ...kernelArguments, ...firstBoot, ...options.arguments].join(' ')
  const { bootServer } = options
  const files = Object.entries({
    ...firmware,
    'opt/firstlight.machine/paths': paths.map((path) => `${path}\n`).join(''),
  })
  const fwCfg = files.flatMap(([name, contents], index) => {
    const file = join(scratch, `firmware-${index}`)
    writeFileSync(file, contents)
    return ['-fw_cfg', `name=${name},file=${file}`]
  })
  const card = ['-netdev', 'user,id=network', '-device', 'virtio-net-pci,netdev=network,romfile=']
  const kernel = ['-kernel', machine.kernel, '-initrd', machine.initramfs, '-append', append]
  const toFile = (id: string) => `file,id=${id},path=${join(scratch, id)}`
  return [
    machineArguments(await acceleration(machine.kernel), options.memoryMiB),
    bootServer === undefined ? kernel : networkBoot({ scratch, append, bootServer }),
    ['-serial', 'stdio', '-device', 'virtio-rng-pci', '-device', 'virtio-serial-pci'],
    options.secondConsole === true
      ? ['-chardev', toFile('second-console'), '-device', 'virtconsole,chardev=second-console']
      : [],
    ['-chardev', toFile('report'), '-device', 'virtserialport,chardev=report,name=firstlight.report'],
    ['-chardev', toFile('outcome'), '-device', 'virtserialport,chardev=outcome,name=org.firstlight.report'],
    driveArguments('disk', disk),
    secondDisk === undefined ? [] : driveArguments('second', secondDisk),
    fwCfg,
    network === true ? card : [],
  ].flat()
}

/** No `romfile=`: the card brings QEMU's iPXE. */
function networkBoot(options: { readonly scratch: string; readonly append: string; bootServer: string }) {
  const { scratch, append, bootServer } = options
  const folder = join(scratch, 'tftp')
  mkdirSync(folder)
  const script = [
    '#!ipxe',
    `kernel ${bootServer}/kernel initrd=initramfs ${append}`,
    `initrd --name initramfs ${bootServer}/initramfs`,
    'boot',
  ]
  writeFileSync(join(folder, 'boot.ipxe'), `${script.join('\n')}\n`)
  const network = `user,id=network,tftp=${folder},bootfile=boot.ipxe`
  return ['-netdev', network, '-device', 'virtio-net-pci,netdev=network,bootindex=0']
}

/** A disk that the guest finds as /dev/disk/by-id/virtio-SERIAL. */
function driveArguments(serial: string, file: string): string[] {
  const drive = `if=none,id=${serial},file=${file},format=qcow2,cache=unsafe`
  return ['-drive', drive, '-device', `virtio-blk-pci,drive=${serial},serial=${serial}`]
}

async function runQemu({ timeoutSeconds = 280, onLine, prefix }: BootOptions, args: readonly string[]) {
  const start = performance.now()
  const seconds = () => (performance.now() - start) / 1000
  const console: ConsoleLine[] = []
  const [program, ...words] = [...(prefix ?? []), emulator, ...args]
  const qemu = execa(program ?? emulator, words, {
    reject: false,
    stdin: 'ignore',
    timeout: timeoutSeconds * 1000,
    forceKillAfterDelay: 1000,
  })
  for await (const raw of qemu.iterable({ from: 'stdout' })) {
    const line = { seconds: seconds(), text: stripVTControlCharacters(String(raw)).replaceAll('\r', '') }
    console.push(line)
    onLine?.(line)
  }
  const { exitCode, stderr } = await qemu
  if (exitCode !== 0) throw new Error(`QEMU ended with ${exitCode ?? 'a signal'}: ${stderr}`)
  return { console, seconds: seconds() }
}
