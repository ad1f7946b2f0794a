import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describeTree } from '../../helpers/describe-tree.ts'
import { sh } from '../loop.ts'
import { nodeOf } from './config.ts'
import { root } from './machine.ts'

/** What a machine is in the end, line by line: without what chance or the clock decides. */
export function describeMachine(): readonly string[] {
  sh('udevadm', 'settle')
  // it ends with 1 when there is nothing to wait for
  sh('sh', '-c', 'mdadm --wait /dev/md/pair || true')
  const lines = [nodeOf('data'), nodeOf('mirror')].flatMap((disk) =>
    sh('partx', '--noheadings', '--raw', '--output', 'NR,NAME,START,SECTORS,UUID', disk).split('\n'),
  )
  const vault = `${nodeOf('data')}p2`
  lines.push(...(sh('cryptsetup', 'luksDump', vault).match(/^(UUID|Label|Subsystem|Flags):.*$/gm) ?? []))
  lines.push(sh('mdadm', '--detail', '--export', '/dev/md/pair').replace(/^MD_(UUID|DEVNAME|NAME)=.*$/gm, ''))
  for (const device of ['/dev/md/pair', '/dev/mapper/vault', `${nodeOf('data')}p3`, `${nodeOf('data')}p4`])
    lines.push(sh('blkid', '-p', '-o', 'export', '-s', 'TYPE', '-s', 'LABEL', '-s', 'UUID', device))
  const mounts = [
    [nodeOf('system'), root],
    ['/dev/md/pair', join(root, 'srv')],
    ['/dev/mapper/vault', join(root, 'srv/safe')],
    [`${nodeOf('data')}p3`, join(root, 'var/plain')],
    [`${nodeOf('data')}p4`, join(root, 'home/core')],
  ] as const
  for (const [device, path] of mounts) sh('mount', '-o', 'ro', device, path)
  lines.push(...describeTree(root))
  lines.push(`key ${keyOpens(vault)}`)
  for (const [, path] of mounts.toReversed()) sh('umount', path)
  mkdirSync('/run/cuts/flag', { recursive: true })
  sh('mount', '-o', 'ro', nodeOf('boot'), '/run/cuts/flag')
  lines.push(`boot ${readdirSync('/run/cuts/flag').join(' ')}`)
  sh('umount', '/run/cuts/flag')
  return lines.join('\n').split('\n')
}

function keyOpens(volume: string): boolean {
  try {
    sh('cryptsetup', 'luksOpen', '--test-passphrase', volume, '--key-file', join(root, 'etc/luks/vault'))
    return true
  } catch {
    return false
  }
}
