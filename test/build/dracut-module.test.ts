import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { errorCodes } from '../../src/errors.ts'
import { programs } from '../../src/system/programs.ts'

const folder = join(import.meta.dirname, '../../dracut/30firstlight')
const setup = readFileSync(join(folder, 'module-setup.sh'), 'utf8')

/** Brought by distributions, not by the module. */
const fromOutside = new Set(['is-live-image'])

describe('the dracut module', () => {
  test.each(Object.values(programs).map(({ file }) => file))('knows the program %s', (file) => {
    const words = new Set(setup.split(/[\s"'/]+/))
    expect(words.has(file)).toBe(!fromOutside.has(file))
  })

  const stages = ['fetch-offline', 'fetch', 'kargs', 'disks', 'mount', 'files']

  test.each(stages)('has a unit for the stage %s that stops the boot when it fails', (stage) => {
    const unit = readFileSync(join(folder, `ignition-${stage}.service`), 'utf8')
    expect(unit).toContain(`--stage=${stage} `)
    expect(unit).toContain('OnFailure=emergency.target\nOnFailureJobMode=isolate\n')
    expect(unit).toContain('Before=ignition-complete.target\n')
  })

  test.each(stages)(
    'starts the stage %s after the process for all stages, which it stands without',
    (stage) => {
      const unit = readFileSync(join(folder, `ignition-${stage}.service`), 'utf8')
      expect(unit).toMatch(/^After=.*\bfirstlight-warm\.service$/m)
      expect(unit).not.toMatch(/^(Requires|BindsTo|Requisite)=.*firstlight-warm/m)
      expect(unit).toMatch(/^ExecStart=\/usr\/libexec\/firstlight-stage /m)
    },
  )

  test('the script of the stages says how a stage was lost in the words of the table', () => {
    const script = readFileSync(join(folder, 'firstlight-stage'), 'utf8')
    expect(script).toContain(`'  hint: ${errorCodes.FL_STAGE_LOST.wayOut}'`)
  })

  test('shows the emergency shell whatever the consoles do', () => {
    const unit = readFileSync(join(folder, 'firstlight-failure.service'), 'utf8')
    expect(unit).toMatch(/^TimeoutStartSec=\d+$/m)
  })

  test('installs every unit in its folder', () => {
    const names = readdirSync(folder).filter((name) => /\.(service|target)$/.test(name))
    const listed = [...setup.matchAll(/for unit in (.*); do/g)].flatMap(([, list = '']) => list.split(' '))
    const installed = names.filter((name) => {
      const [, short = ''] = /^ignition-(.*)\./.exec(name) ?? []
      return setup.includes(name) || listed.includes(short)
    })
    expect(installed).toEqual(names)
  })
})
