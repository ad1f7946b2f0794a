import { expect, test } from 'vitest'
import { flushRoot } from '../src/flush-root.ts'
import type { System } from '../src/system/system.ts'
import { fakeSystem } from './helpers/fake-system.ts'
import { runStageOf } from './helpers/run-stage.ts'

const mountinfo = `21 1 0:2 / / rw - rootfs rootfs rw
22 21 8:1 / /sysroot rw - ext4 /dev/sda1 rw
23 22 8:2 / /sysroot/var rw - xfs /dev/sda2 rw
24 22 8:3 / /sysroot/gone rw - ext4 /dev/sda3 rw
25 21 8:4 / /sysrootless rw - ext4 /dev/sda4 rw
`

const config = `{"ignition":{"version":"3.4.0"},"storage":{"files":[{"path":"/var/a","contents":{"source":"data:,a"}}]}}`

/** A machine with filesystems mounted in its new root, and what is flushed on it. */
function machine(flush: System['files']['sync'] = () => undefined) {
  const fake = fakeSystem({
    environment: { IGNITION_CONFIG_FILE: '/config.ign' },
    files: {
      '/proc/cmdline': 'quiet',
      '/proc/self/mountinfo': mountinfo,
      '/run/x': '',
      '/sysroot/var/x': '',
      '/sysrootless/x': '',
      '/config.ign': config,
    },
  })
  const flushed: string[] = []
  const sync = (path: string) => {
    flushed.push(path)
    flush(path)
  }
  return { system: { ...fake, files: { ...fake.files, sync } }, flushed }
}

test('the stage that writes files flushes each filesystem of the new root before it says that it has passed', async () => {
  const { system, flushed } = machine()
  await runStageOf({ system, stage: 'fetch-offline' })
  expect(flushed).toEqual([])
  await runStageOf({ system, stage: 'files' })
  expect(flushed.slice(-2)).toEqual(['/sysroot', '/sysroot/var'])
  expect(flushed).not.toContain('/sysrootless')
})

test('a filesystem that cannot be flushed is named', () => {
  const { system } = machine((path) => {
    if (path === '/sysroot/var') throw Object.assign(new Error('EIO: i/o error, syncfs'), { code: 'EIO' })
  })
  expect(() => flushRoot(system, '/sysroot')).toThrow('cannot write "/sysroot/var" out to its disk')
})

test('of a machine that runs, only the filesystem of its root', () => {
  const { system, flushed } = machine()
  flushRoot(system, '')
  expect(flushed).toEqual(['/'])
})
