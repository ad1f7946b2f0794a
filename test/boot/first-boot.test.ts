import { createHash } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import type { OutcomeReport } from '../../src/outcome/report.ts'
import { readTrace } from '../../src/trace/read.ts'
import { type Boot, boot } from './machine/boot.ts'
import { hasFirstBootFlag } from './machine/loader.ts'
import { prepareMachine } from './machine/machine.ts'
import { consoleText, fixture, fromFirmware, provisioningUnits, say, withDisk } from './machine/scenario.ts'

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

const config = fixture('example/config.ign')
const provisioned = [
  '/srv/site',
  '/srv/site/index.html',
  '/etc/hostname',
  '/srv/current',
  '/home/core',
  '/home/core/.ssh/authorized_keys.d/ignition',
  '/etc/systemd/system/first-light.service',
  '/etc/systemd/system/first-light.service.d/10-place.conf',
  '/etc/systemd/system/fstrim.timer',
  '/etc/.ignition-result.json',
  '/var/log/firstlight/trace.json',
]

/** Both boots of one machine, and what the boot loader saw on its disk after each. */
interface Life {
  readonly first: Boot
  readonly flagAfterFirst: boolean
  readonly second: Boot
}

describe('a machine with an example config', () => {
  let life: Life

  beforeAll(async () => {
    const machine = await prepareMachine(say)
    life = await withDisk(machine, async (disk) => {
      const options = {
        machine,
        disk,
        ...fromFirmware(config),
        paths: provisioned,
      }
      const first = await boot(options)
      const flagAfterFirst = await hasFirstBootFlag(disk)
      return { first, flagAfterFirst, second: await boot(options) }
    })
  })

  test('comes up on its first boot, with no failed unit', () => {
    expect(life.first.report).toMatchObject({ reason: 'real-root', failedUnits: [] })
    expect(life.first.report.commandLine).toMatch(/\bignition\.firstboot\b/)
  })

  test('tells the outcome over the virtio-serial port, once', () => {
    const [line = '', ...others] = life.first.outcome.trimEnd().split('\n')
    expect(others).toEqual([])
    const outcome = JSON.parse(line) as OutcomeReport
    expect(outcome).toMatchObject({ shape: 1, outcome: 'provisioned', platform: 'qemu' })
    const steps = outcome.stages.flatMap((stage) => stage.steps)
    expect(steps.find(({ description }) => description.includes('/etc/hostname'))).toMatchObject({
      section: 'files',
      result: 'done',
      place: { path: expect.stringMatching(/^\$\.storage\.files\.\d+$/) as string },
      contentHash: expect.stringMatching(/^sha256-/) as string,
    })
    expect(life.second.outcome).toBe('')
  })

  test('has the files, directories and links with owner, mode and content', () => {
    const { paths } = life.first.report
    const ofCore = { user: 'core', group: 'core', uid: 1000, gid: 1000 }
    expect(paths.get('/srv/site')).toMatchObject({ type: 'directory', mode: '750', ...ofCore })
    const page = { content: sha256('<h1>First light</h1>\n'), mode: '640', ...ofCore }
    expect(paths.get('/srv/site/index.html')).toMatchObject(page)
    const hostname = { content: sha256('firstlight\n'), mode: '644', uid: 0, gid: 0 }
    expect(paths.get('/etc/hostname')).toMatchObject(hostname)
    expect(paths.get('/srv/current')).toMatchObject({ type: 'symbolic link', content: '/srv/site' })
  })

  test('has the user with password hash and SSH key', () => {
    const { passwd, passwords, paths } = life.first.report
    expect(passwd).toContain('core:x:1000:1000::/home/core:/bin/bash')
    const { passwordHash, sshAuthorizedKeys } = userOf(config)
    expect(passwords.get('core')).toBe(sha256(passwordHash))
    expect(paths.get('/home/core')).toMatchObject({ type: 'directory', user: 'core', group: 'core' })
    const keys = { content: sha256(`${sshAuthorizedKeys[0]}\n`), mode: '600', user: 'core', group: 'core' }
    expect(paths.get('/home/core/.ssh/authorized_keys.d/ignition')).toMatchObject(keys)
  })

  test('has a trace of all stages, on the clock of the journal', () => {
    const { trace, paths, units } = life.first.report
    const stages = readTrace(trace ?? '')
    expect(stages.map(({ name, isOpen }) => [name, isOpen])).toEqual(
      ['fetch-offline', 'kargs', 'disks', 'mount', 'files', 'umount'].map((name) => [name, false]),
    )
    for (const { name, begun, ended } of stages.slice(0, -1)) {
      const { startingAt = 0, startedAt = 0 } = units.get(`ignition-${name}.service`) ?? {}
      expect([begun > startingAt, ended < startedAt]).toEqual([true, true])
    }
    const kept = paths.get('/var/log/firstlight/trace.json')
    expect(kept).toMatchObject({ type: 'regular file', mode: '600', uid: 0, gid: 0 })
  })

  test('has run the enabled unit with its drop-in, and masked the other', () => {
    expect(consoleText(life.first)).toContain('First light in the-real-root')
    expect(life.first.report.unitLinks.get('/etc/systemd/system/fstrim.timer')).toBe('/dev/null')
    const wanted = '/etc/systemd/system/multi-user.target.wants/first-light.service'
    expect(life.first.report.unitLinks.get(wanted)).toBe('/etc/systemd/system/first-light.service')
  })

  test('has the result file', () => {
    const result = JSON.parse(life.first.report.result ?? '') as Record<string, unknown>
    expect(result).toMatchObject({ userConfigProvided: true })
    expect(result['provisioningBootID']).toMatch(/^[0-9a-f-]{36}$/)
    expect(result['provisioningDate']).toMatch(/^\d{4}-\d\d-\d\dT/)
  })

  test('ran every stage in order, and then removed the flag', () => {
    expect(provisioningUnits(life.first)).toEqual([
      'firstlight-first-boot-complete.service',
      'ignition-disks.service',
      'ignition-fetch-offline.service',
      'ignition-files.service',
      'ignition-kargs.service',
      'ignition-mount.service',
    ])
    const at = (unit: string) => life.first.report.units.get(unit)?.startingAt ?? Number.NaN
    const inOrder = ['fetch-offline', 'kargs', 'disks', 'mount', 'files'].map((stage) =>
      at(`ignition-${stage}.service`),
    )
    inOrder.push(at('firstlight-first-boot-complete.service'))
    expect(inOrder).toEqual([...inOrder].sort((a, b) => a - b))
    expect(life.flagAfterFirst).toBe(false)
  })

  test('ran them in one process, which is gone, and every line of theirs is under their unit', () => {
    const stages = ['fetch-offline', 'kargs', 'disks', 'mount', 'files', 'umount']
    const unitOf = (stage: string) => `ignition-${stage === 'umount' ? 'mount' : stage}.service`
    const { ignitionLog, units } = life.first.report
    const at = (unit: string) => units.get(unit)?.startingAt ?? Number.NaN
    const begun = ignitionLog.filter(({ message }) => message.startsWith('Stage: '))
    expect(begun).toEqual(stages.map((stage) => ({ message: `Stage: ${stage}`, unit: unitOf(stage) })))
    const warm = 'firstlight-warm.service'
    const last = { message: `one process has run the stages ${stages.join(', ')}`, unit: warm }
    expect(ignitionLog.at(-1)).toEqual(last)
    const origins = new Set(ignitionLog.slice(0, -1).map(({ unit }) => unit))
    expect(origins).toEqual(new Set(stages.map(unitOf)))
    expect(units.get(warm)?.startedAt).toBeLessThan(at('ignition-fetch-offline.service'))
  })

  test('runs nothing of it on its second boot and changes nothing', () => {
    expect(life.second.report).toMatchObject({ reason: 'real-root', failedUnits: [] })
    expect(life.second.report.commandLine).not.toContain('ignition.firstboot')
    expect(provisioningUnits(life.second)).toEqual([])
    expect(life.second.report.ignitionLog).toEqual([])
    expect(life.second.report.units.has('firstlight-warm.service')).toBe(false)
    expect(life.second.report.paths).toEqual(life.first.report.paths)
    expect(life.second.report.result).toBe(life.first.report.result)
    expect(consoleText(life.second)).toContain('First light in the-real-root')
  })
})

function userOf(text: string): { passwordHash: string; sshAuthorizedKeys: string[] } {
  const { passwd } = JSON.parse(text) as {
    passwd: { users: [{ passwordHash: string; sshAuthorizedKeys: string[] }] }
  }
  return passwd.users[0]
}
