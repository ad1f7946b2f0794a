import { describe, expect, test } from 'vitest'
import { whileLocked } from '../../src/block/lock.ts'
import { fakeSystem } from '../helpers/fake-system.ts'

const machine = () =>
  fakeSystem({
    files: {
      '/sys/devices/x/block/sda/sda1/partition': '1',
      '/sys/devices/x/block/sda/sda2/partition': '2',
      '/sys/class/block/sda1': { link: '/sys/devices/x/block/sda/sda1' },
      '/sys/class/block/sda2': { link: '/sys/devices/x/block/sda/sda2' },
      '/sys/class/block/sdb/size': '1',
      '/dev/sda': { block: new Uint8Array() },
      '/dev/sdb': { block: new Uint8Array() },
    },
  })

const isLocked = ({ files }: ReturnType<typeof machine>, disk: string) => {
  const release = files.lock(disk)
  release?.()
  return release === undefined
}

describe('the disk of partitions', () => {
  test('is locked while there is work on one of them, also for two at a time', async () => {
    const system = machine()
    let end = () => {}
    const first = whileLocked(
      system,
      ['/dev/sda1'],
      async () => new Promise<void>((resolve) => (end = resolve)),
    )
    await whileLocked(system, ['/dev/sda2', '/dev/sda1'], async () => {
      expect(isLocked(system, '/dev/sda')).toBe(true)
    })
    expect(isLocked(system, '/dev/sda')).toBe(true)
    end()
    await first
    expect(isLocked(system, '/dev/sda')).toBe(false)
  })

  test('is free again when the work fails', async () => {
    const system = machine()
    const work = whileLocked(system, ['/dev/sda1'], async () => {
      throw new Error('no')
    })
    await expect(work).rejects.toThrow('no')
    expect(isLocked(system, '/dev/sda')).toBe(false)
  })

  test('is not waited for for ever', async () => {
    const system = machine()
    const release = system.files.lock('/dev/sda')
    expect(await whileLocked(system, ['/dev/sda1'], async () => 'done')).toBe('done')
    expect(system.messages.at(-1)?.message).toBe('somebody has locked "/dev/sda"; going on without the lock')
    release?.()
  })

  test('is nothing to a device without a table above it', async () => {
    const system = machine()
    await whileLocked(system, ['/dev/sdb', '/dev/unknown'], async () => {
      expect(isLocked(system, '/dev/sdb')).toBe(false)
    })
  })
})
