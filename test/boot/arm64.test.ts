import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { checkout } from '../../build/cache.ts'
import { stageNames } from '../../src/stages.ts'
import { bootArm64 } from './machine/arm64.ts'
import { fixture, say } from './machine/scenario.ts'

const digest = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 16)

describe('another processor', () => {
  beforeAll(() => {
    execFileSync(process.execPath, ['build/bundle.ts', '--arch', 'arm64'], {
      cwd: checkout,
      stdio: 'inherit',
    })
  })

  test('runs every stage of a first boot on arm64', async () => {
    const report = await bootArm64({
      executable: join(checkout, 'dist/arm64/firstlight'),
      config: fixture('arm64/config.ign'),
      progress: say,
    })
    const unit = JSON.parse(fixture('arm64/config.ign')).systemd.units[0].contents
    const nothing = digest('')
    expect(report).toEqual([
      ...stageNames.map((stage) => `${stage} 0`),
      `etc/hostname regular file 644 0:0 ${digest('first-light\n')}`,
      `srv/site directory 755 33:44 ${nothing}`,
      `srv/site/index regular file 640 33:0 ${digest('hello\n')}`,
      `srv/current symbolic link 777 0:0 ${nothing}`,
      `etc/systemd/system/site.service regular file 644 0:0 ${digest(unit)}`,
      'enable site.service',
    ])
  })
})
