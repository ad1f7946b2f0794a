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

/**
 * Starts the machine with its disks as they were. Now and then the mirror then runs with one half: losetup has the kernel
 * read a disk's table twice, and udev works off the removal of the first partition when the second is in the array already.
 */
export function powerOn({ path }: Snapshot): void {
  for (const { name } of disks) {
    execFileSync('cp', ['--sparse=always', imageIn(path, name), live])
    sh('losetup', '--partscan', nodeOf(name), imageIn(live, name))
  }
  sh('udevadm', 'settle')
}

/** udev may start an array again, or have a device open, while the machine is taken apart. */
const mostAttempts = 10

/** Ends everything that the machine was doing. Throws when something stays. */
export function powerOff(): void {
  let remains = takeApart()
  for (let attempts = 1; attempts < mostAttempts && remains.length > 0; attempts += 1) remains = takeApart()
  if (remains.length > 0) throw new Error(`the machine cannot be switched off: ${remains.join('; ')}`)
  for (const path of ['/run/ignition', '/run/firstlight', '/run/ignition.json'])
    rmSync(path, { recursive: true, force: true })
}

/** What is still there afterwards, in words. */
function takeApart(): readonly string[] {
  const problems: string[] = []
  const attempt = (program: string, ...args: readonly string[]) => {
    try {
      sh(program, ...args)
    } catch (error) {
      problems.push(String(error))
    }
  }
  sh('udevadm', 'settle')
  for (const path of mounts().reverse()) attempt('umount', path)
  for (const name of volumes()) attempt('dmsetup', 'remove', '--retry', name)
  for (const name of arrays()) attempt('mdadm', '--stop', `/dev/${name}`)
  for (const node of attached()) attempt('losetup', '--detach', node)
  sh('udevadm', 'settle')
  const remains = [...mounts(), ...volumes(), ...arrays(), ...attached()]
  return remains.length > 0 ? [...remains, ...problems] : []
}

const mounts = () =>
  readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter((path) => path.startsWith(`${folder}/`) || path.startsWith('/run/firstlight/'))

const volumes = () => readdirSync('/dev/mapper').filter((name) => name !== 'control')

const arrays = () => readFileSync('/proc/mdstat', 'utf8').match(/^md\w+/gm) ?? []

const attached = () =>
  disks
    .map(({ name }) => nodeOf(name))
    .filter((node) => existsSync(`/sys/class/block/${node.slice('/dev/'.length)}/loop`))
