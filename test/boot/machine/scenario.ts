import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkout } from '../../../build/cache.ts'
import type { Boot, BootOptions } from './boot.ts'
import { copyDisk, type Machine } from './machine.ts'

/** Text of a file of fixtures/boot. */
export function fixture(path: string): string {
  return readFileSync(join(checkout, 'fixtures', 'boot', path), 'utf8')
}

/** Gives `work` a machine's fresh disk, and removes it afterwards. */
export async function withDisk<T>(machine: Machine, work: (disk: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'firstlight-boot-test-'))
  try {
    const disk = join(folder, 'disk.qcow2')
    await copyDisk(machine, disk)
    return await work(disk)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A boot whose config is in QEMU's firmware configuration. */
export const fromFirmware = (config: string) =>
  ({
    arguments: ['ignition.platform.id=qemu'],
    firmware: { 'opt/com.coreos/config': config },
  }) satisfies Partial<BootOptions>

/** A boot whose config a server has, `/config.ign` below the URL; nothing on the disk says that it is the first. */
export const fromServer = (url: string) =>
  ({
    arguments: ['ignition.firstboot', 'ignition.platform.id=metal', `ignition.config.url=${url}/config.ign`],
    readFlag: false,
  }) satisfies Partial<BootOptions>

/** Everything on the console, as one text. */
export function consoleText({ console }: Boot): string {
  return console.map(({ text }) => text).join('\n')
}

/**
 * Units of Ignition and Firstlight that were started, in byte order; skipped ones are not among them, and the one that
 * starts before there is a journal neither.
 */
export function provisioningUnits({ report }: Boot): string[] {
  const ours = [...report.units].filter(([name]) => /^(ignition|firstlight)-(?!warm).*\.service$/.test(name))
  return ours.flatMap(([name, { startingAt }]) => (startingAt === undefined ? [] : [name])).sort()
}

/** Progress of the preparations, for `prepareMachine` in a test. */
export function say(message: string): void {
  console.error(`firstlight: ${message}`)
}
