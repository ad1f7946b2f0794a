import { createHash } from 'node:crypto'
import { truncateSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { describeMachine } from '../../build/described-disks.ts'
import { planHash } from '../helpers/plan-hash.ts'
import { type Boot, boot } from './machine/boot.ts'
import { emptyDisk, prepareMachine } from './machine/machine.ts'
import { fixture, provisioningUnits, say, withDisk } from './machine/scenario.ts'

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

const paths = [
  '/var/vault/deep',
  '/var/vault/deep/inside',
  '/var/data/inside',
  '/etc/crypttab',
  '/etc/luks',
  '/etc/luks/vault',
]

describe('a machine with a second disk that the config partitions, encrypts, formats and mounts', () => {
  let first: Boot
  let second: Boot

  beforeAll(async () => {
    const machine = await prepareMachine(say)
    await withDisk(machine, async (disk) => {
      const secondDisk = join(dirname(disk), 'second.qcow2')
      await emptyDisk(secondDisk, 128)
      const blank = join(dirname(disk), 'blank.raw')
      writeFileSync(blank, '')
      truncateSync(blank, 128 * 2 ** 20)
      const config = fixture('disks/config.ign')
      const images = [
        { path: '/dev/vda', serial: 'disk', image: machine.disk },
        { path: '/dev/vdb', serial: 'second', image: blank },
      ]
      // only the plan that was made at the desk may be carried out
      const hash = await planHash(config, describeMachine(images, []))
      const options = {
        machine,
        disk,
        secondDisk,
        // the image's root has no kernel modules of its own: the initramfs loads what opens the volume
        arguments: [
          'ignition.platform.id=qemu',
          'rd.modules_load=dm_crypt,xts,aesni_intel',
          `firstlight.plan_hash=${hash}`,
        ],
        firmware: { 'opt/com.coreos/config': config },
        paths,
      }
      first = await boot(options)
      second = await boot(options)
    })
  })

  test('comes up with the filesystems mounted and the files on them', () => {
    expect(first.report).toMatchObject({ reason: 'real-root', failedUnits: [] })
    const ofUser = { uid: 1000, gid: 1000 }
    expect(first.report.paths.get('/var/vault/deep')).toMatchObject({
      type: 'directory',
      mode: '700',
      ...ofUser,
    })
    const inVault = { content: sha256('in the vault\n'), mode: '600', uid: 0 }
    expect(first.report.paths.get('/var/vault/deep/inside')).toMatchObject(inVault)
    expect(first.report.paths.get('/var/data/inside')).toMatchObject({ content: sha256('on the disk\n') })
  })

  test('was planned at the desk as it was done', () => {
    expect(first.report.ignitionLog.map(({ message }) => message).join('\n')).toContain(
      'the plan is the one that was reviewed: plan1-',
    )
  })

  test('keeps the key for root alone', () => {
    expect(first.report.paths.get('/etc/luks')).toMatchObject({ mode: '700', uid: 0 })
    const key = { content: sha256('a key made up for this test'), mode: '600', uid: 0 }
    expect(first.report.paths.get('/etc/luks/vault')).toMatchObject(key)
    expect(first.report.paths.get('/etc/crypttab')).toMatchObject({ mode: '600', uid: 0 })
  })

  test('opens and mounts everything by itself on the second boot, which provisions nothing', () => {
    expect(second.report).toMatchObject({ reason: 'real-root', failedUnits: [] })
    expect(provisioningUnits(second)).toEqual([])
    expect(second.report.paths).toEqual(first.report.paths)
  })
})
