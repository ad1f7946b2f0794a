import { copyFileSync, mkdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { run } from '../../build/run.ts'
import { boot } from './machine/boot.ts'
import { executableUnderTest, prepareMachine } from './machine/machine.ts'
import { consoleText, fixture, fromFirmware, provisioningUnits, say, withDisk } from './machine/scenario.ts'

/** The program is on a filesystem that the initramfs mounts, as in a distribution that keeps it on /usr. */
const settings = {
  firstlight_device: '/dev/disk/by-label/program',
  firstlight_path: '/lib/firstlight',
  firstlight_filesystem: 'ext4',
}

/** A disk that is one filesystem with the program on it. */
async function programDisk(folder: string): Promise<string> {
  mkdirSync(join(folder, 'program/lib'), { recursive: true })
  copyFileSync(executableUnderTest(), join(folder, 'program/lib/firstlight'))
  const disk = join(folder, 'program.raw')
  const contents = ['-L', 'program', '-d', join(folder, 'program')]
  await run('mke2fs', ['-q', '-F', '-t', 'ext4', '-m', '0', ...contents, disk, '160M'])
  const overlay = join(folder, 'program.qcow2')
  await run('qemu-img', ['create', '-q', '-f', 'qcow2', '-b', disk, '-F', 'raw', overlay])
  return overlay
}

test('a first boot whose initramfs has no program provisions with the one on a disk, and lets go of it', async () => {
  const whole = await prepareMachine(say)
  const machine = await prepareMachine(say, executableUnderTest(), settings)
  const without = statSync(whole.initramfs).size - statSync(machine.initramfs).size
  expect(without).toBeGreaterThan(statSync(executableUnderTest()).size * 0.95)
  await withDisk(machine, async (disk) => {
    const first = await boot({
      machine,
      disk,
      secondDisk: await programDisk(dirname(disk)),
      ...fromFirmware(fixture('example/config.ign')),
      paths: ['/etc/hostname', '/run/firstlight/program/lib/firstlight'],
    })
    expect(first.report).toMatchObject({ reason: 'real-root', failedUnits: [] })
    expect(provisioningUnits(first)).toContain('ignition-files.service')
    expect(first.report.paths.get('/etc/hostname')).toMatchObject({ type: 'regular file' })
    expect(first.report.paths.get('/run/firstlight/program/lib/firstlight')).toBeUndefined()
  })
})

test('without that disk the boot stops', async () => {
  const machine = await prepareMachine(say, executableUnderTest(), settings)
  await withDisk(machine, async (disk) => {
    const result = await boot({
      machine,
      disk,
      arguments: ['ignition.platform.id=qemu', 'systemd.default_device_timeout_sec=10'],
    })
    expect(result.report).toMatchObject({ reason: 'emergency' })
    expect(consoleText(result)).toMatch(/The first boot has stopped/)
  })
})
