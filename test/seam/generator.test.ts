import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

const generator = join(import.meta.dirname, '../../dracut/30firstlight/ignition-generator')

describe('the generator', () => {
  let scratch: string

  beforeEach(() => {
    scratch = mkdtempSync(join(tmpdir(), 'firstlight-generator-'))
  })
  afterEach(() => rmSync(scratch, { recursive: true }))

  /** Runs it as systemd does; links as `TARGET.KIND/UNIT`, and the environment file it leaves. */
  function generate(cmdline: string, installed: readonly string[] = [], live = false) {
    const inScratch = (name: string) => join(scratch, name)
    rmSync(inScratch('units'), { recursive: true, force: true })
    writeFileSync(inScratch('cmdline'), `${cmdline}\n`)
    for (const name of installed) writeFileSync(inScratch(name), '')
    if (live) writeFileSync(inScratch('is-live-image'), '#!/bin/sh\nexit 0\n', { mode: 0o755 })
    execFileSync('/bin/sh', [generator, inScratch('units')], {
      env: {
        PATH: `${scratch}:/usr/bin:/bin`,
        IGNITION_KERNEL_CMDLINE_PATH: inScratch('cmdline'),
        FIRSTLIGHT_RUN_DIR: inScratch('run'),
        FIRSTLIGHT_UNIT_DIR: scratch,
      },
    })
    const links = readdirSync(inScratch('units'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isSymbolicLink())
      .map((entry) => `${entry.parentPath.slice(inScratch('units').length + 1)}/${entry.name}`)
    return { links: links.sort(), environment: readFileSync(inScratch('run/ignition.env'), 'utf8') }
  }

  const firstBoot = [
    'emergency.target.wants/firstlight-failure.service',
    'ignition-complete.target.requires/ignition-diskful.target',
    'initrd.target.requires/ignition-complete.target',
  ]
  const laterBoot = [
    'ignition-subsequent.target.requires/ignition-diskful-subsequent.target',
    'initrd.target.requires/ignition-subsequent.target',
  ]

  test.each([
    'ignition.firstboot',
    'quiet ignition.firstboot=1 ro',
    'ignition.firstboot=yes',
    'ignition.firstboot=0 ignition.firstboot',
    'flatcar.first_boot=detected',
    'flatcar.first_boot=1',
  ])('starts the stages for: %s', (cmdline) => {
    expect(generate(cmdline).links).toEqual(firstBoot)
  })

  test.each([
    '',
    'ignition.firstboot=',
    'ignition.firstboot=0',
    'ignition.firstboot=no',
    'ignition.firstboot=off',
    'ignition.firstboot ignition.firstboot=0',
    'ignition.firstbooted',
    'flatcar.first_boot=0',
    '*',
  ])('starts none of them for: %s', (cmdline) => {
    expect(generate(cmdline).links).toEqual(laterBoot)
  })

  test.each([
    ['ignition.platform.id=metal', 'metal'],
    ['ignition.platform.id=aws ignition.platform.id=gcp', 'gcp'],
    ['flatcar.oem.id=ec2', 'aws'],
    ['flatcar.oem.id=gce', 'gcp'],
    ['flatcar.oem.id=qemu', 'qemu'],
    ['flatcar.oem.id=ec2 ignition.platform.id=metal', 'metal'],
    ['', ''],
  ])('takes the platform from: %s', (cmdline, platform) => {
    expect(generate(cmdline).environment).toBe(`PLATFORM_ID=${platform}\n`)
    expect(generate(`ignition.firstboot ${cmdline}`).environment).toBe(`PLATFORM_ID=${platform}\n`)
  })

  test('waits for no disk in a live system', () => {
    expect(generate('ignition.firstboot', [], true).links).not.toContain(firstBoot[1])
    expect(generate('', [], true).links).toEqual([laterBoot[1]])
  })

  test('removes the flag where the image asks for it, only on a first boot from a disk', () => {
    const unit = 'firstlight-first-boot-complete.service'
    const link = `initrd-switch-root.service.requires/${unit}`
    expect(generate('ignition.firstboot', [unit]).links).toContain(link)
    expect(generate('ignition.firstboot', [unit], true).links).not.toContain(link)
  })
})
