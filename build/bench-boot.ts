// The group `boot` of the benchmark: the same machine, image and units, booted in turn with Firstlight and with the
// reference as the program of the stages.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { boot } from '../test/boot/machine/boot.ts'
import { copyDisk, type Machine, prepareMachine } from '../test/boot/machine/machine.ts'
import type { Report } from '../test/boot/machine/report.ts'
import { checkout } from './cache.ts'
import { hostPackages } from './packages.ts'
import { run } from './run.ts'

const pairs = 5

/**
 * Stage → unit. The unit of `mount` also runs the stage `umount`, when it is stopped. A unit that has nothing to do
 * is not started and takes no time.
 */
const stageUnits = {
  'fetch-offline': 'ignition-fetch-offline.service',
  fetch: 'ignition-fetch.service',
  kargs: 'ignition-kargs.service',
  disks: 'ignition-disks.service',
  mount: 'ignition-mount.service',
  files: 'ignition-files.service',
} as const

/** Milliseconds by what was timed: each stage, and the whole. */
type Times = ReadonlyMap<string, number>

/** What was timed in every pair of boots: Firstlight, then the reference. */
export interface BootTimes {
  readonly name: string
  readonly own: readonly number[]
  readonly other: readonly number[]
}

/** The reference labels files whether or not there is a policy, and fails without the program. */
const standIn = `
mkdir -p "$1/usr/sbin"
printf '#!/bin/sh\\ncat > /dev/null\\n' > "$1/usr/sbin/setfiles"
chmod 755 "$1/usr/sbin/setfiles"
cat "$2" > "$3"
cd "$1" && find . | cpio --quiet -o -H newc >> "$3"
`

/** The machine with the stand-in in its initramfs: the kernel unpacks one archive after the other. */
async function withStandIn(machine: Machine, folder: string): Promise<Machine> {
  const scratch = mkdtempSync(join(folder, 'stand-in-'))
  const initramfs = join(scratch, 'initramfs.img')
  await run('bash', ['-ec', standIn, 'stand-in', join(scratch, 'root'), machine.initramfs, initramfs])
  return { ...machine, initramfs }
}

/** Boots the pairs, with a line of progress for each boot. Throws an Error when a machine does not come up. */
export async function timeBoots(say: (message: string) => void): Promise<readonly BootTimes[]> {
  const folder = mkdtempSync(join(tmpdir(), 'firstlight-bench-boot-'))
  try {
    const machine = async (executable: string) => withStandIn(await prepareMachine(say, executable), folder)
    const own = await machine(join(checkout, 'dist/firstlight'))
    return await timePairs({ own, other: await machine(hostPackages['reference ignition'].path), say })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

interface Pair {
  readonly own: Machine
  readonly other: Machine
  readonly say: (message: string) => void
}

async function timePairs({ own, other, say }: Pair): Promise<readonly BootTimes[]> {
  const rounds: { own: Times; other: Times }[] = []
  for (let pair = 1; pair <= pairs; pair++) {
    say(`booting pair ${pair} of ${pairs}`)
    rounds.push({ own: await timeBoot(own), other: await timeBoot(other) })
  }
  const names = [...(rounds[0]?.own.keys() ?? [])]
  return names.map((name) => ({
    name: `boot: ${name}`,
    own: rounds.map((round) => round.own.get(name) ?? Number.NaN),
    other: rounds.map((round) => round.other.get(name) ?? Number.NaN),
  }))
}

async function timeBoot(machine: Machine): Promise<Times> {
  const folder = mkdtempSync(join(tmpdir(), 'firstlight-bench-boot-'))
  try {
    const disk = join(folder, 'disk.qcow2')
    await copyDisk(machine, disk)
    const config = readFileSync(join(checkout, 'fixtures/boot/compare/config.ign'), 'utf8')
    const firmware = { 'opt/com.coreos/config': config }
    const { report } = await boot({ machine, disk, arguments: ['ignition.platform.id=qemu'], firmware })
    if (report.reason !== 'real-root')
      throw new Error(
        [
          `the machine did not come up: ${report.failedUnits.join(', ')} failed`,
          ...report.ignitionLog.slice(-5).map(({ message }) => message),
        ].join('\n  '),
      )
    return timesOf(report)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function timesOf({ units }: Report): Times {
  const times = new Map<string, number>()
  for (const [stage, unit] of Object.entries(stageUnits)) {
    const { startingAt, startedAt } = units.get(unit) ?? {}
    if (startingAt !== undefined && startedAt !== undefined)
      times.set(`stage ${stage}`, (startedAt - startingAt) * 1000)
  }
  const start = units.get(stageUnits['fetch-offline'])?.startingAt ?? Number.NaN
  const end = units.get(stageUnits.mount)?.stoppedAt ?? Number.NaN
  times.set('first unit to last', (end - start) * 1000)
  return times
}
