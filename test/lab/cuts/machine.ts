import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeSystemTree } from '../../helpers/files-machine.ts'
import { sh } from '../loop.ts'
import { disks, nodeOf } from './config.ts'

/** Memory of the guest: the disks are files in it, and what is in the files is what a power cut leaves. */
const folder = '/run/cuts'

/** Where the new root is mounted. */
export const root = join(folder, 'sysroot')

const live = join(folder, 'live')

/** A state of all disks. */
export interface Snapshot {
  readonly path: string
}

const imageIn = (directory: string, name: string) => join(directory, `${name}.image`)

const bash = (script: string) => execFileSync('bash', ['-euc', script], { stdio: ['ignore', 'pipe', 'pipe'] })

/** The machine as it is delivered: an operating system, a boot partition with the first-boot flag, two blank disks. */
export function makeDelivered(): Snapshot {
  mkdirSync(root, { recursive: true })
  mkdirSync(live)
  const path = join(folder, 'delivered')
  mkdirSync(path)
  const tree = join(folder, 'tree')
  makeSystemTree(join(tree, 'system'))
  mkdirSync(join(tree, 'boot'))
  writeFileSync(join(tree, 'boot/ignition.firstboot'), '')
  for (const { name, sizeMiB } of disks) {
    const image = imageIn(path, name)
    bash(`truncate --size ${sizeMiB}M ${image}`)
    if (name === 'system' || name === 'boot')
      bash(`mke2fs -q -t ext4 -L ${name === 'boot' ? 'boot' : 'root'} -d ${tree}/${name} ${image} 2>&1`)
  }
  return { path }
}

let count = 0

/** What is on the disks at this moment: writes that are still in memory are not part of it. */
export function takeSnapshot(): Snapshot {
  count += 1
  const path = join(folder, `snapshot-${count}`)
  mkdirSync(path)
  const images = disks.map(({ name }) => imageIn(live, name))
  execFileSync('cp', ['--sparse=always', ...images, path])
  return { path }
}

export const dropSnapshot = ({ path }: Snapshot) => rmSync(path, { recursive: true })

/** Starts the machine with its disks as they were. */
export function powerOn({ path }: Snapshot): void {
  for (const { name } of disks) {
    execFileSync('cp', ['--sparse=always', imageIn(path, name), live])
    sh('losetup', '--partscan', nodeOf(name), imageIn(live, name))
  }
  sh('udevadm', 'settle')
  startWholeArrays()
}

/**
 * udev in this guest now and then starts the mirror with its first half alone, since nothing here waits for the other as
 * systemd does (mdadm-last-resort@.timer). A machine has it whole, when both halves belong to it.
 */
function startWholeArrays(): void {
  for (const name of readdirSync('/sys/block').filter((each) => each.startsWith('md'))) {
    if (readdirSync(`/sys/block/${name}/slaves`).length === 2) continue
    sh('mdadm', '--stop', `/dev/${name}`)
    const halves = [`${nodeOf('data')}p1`, `${nodeOf('mirror')}p1`]
    try {
      sh('mdadm', '--assemble', '/dev/md/pair', ...halves)
    } catch {
      // the cut came before both halves belonged to it
    }
    sh('udevadm', 'settle')
  }
}

/** Ends everything that the machine was doing. */
export function powerOff(): void {
  const below = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter((path) => path.startsWith(`${folder}/`) || path.startsWith('/run/firstlight/'))
  for (const path of below.reverse()) sh('umount', path)
  for (const name of readdirSync('/dev/mapper'))
    if (name !== 'control') sh('dmsetup', 'remove', '--retry', name)
  for (const name of readFileSync('/proc/mdstat', 'utf8').match(/^md\w+/gm) ?? [])
    sh('mdadm', '--stop', `/dev/${name}`)
  for (const { name } of disks)
    if (existsSync(`/sys/class/block/${nodeOf(name).slice(5)}/loop`)) sh('losetup', '--detach', nodeOf(name))
  sh('udevadm', 'settle')
  for (const path of ['/run/ignition', '/run/firstlight', '/run/ignition.json'])
    rmSync(path, { recursive: true, force: true })
}
