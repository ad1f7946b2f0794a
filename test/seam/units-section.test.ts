import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { relabel } from '../../src/sections/relabel/index.ts'
import { units } from '../../src/sections/units/index.ts'
import { realSystem } from '../helpers/real-system.ts'
import { scratchDirectory } from '../helpers/scratch.ts'
import { planned, provision, stage } from '../helpers/stage.ts'

const installable = '[Unit]\n[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\n'

test('the systemctl of this machine, on a scratch root', async () => {
  const root = scratchDirectory()
  const systemd = join(root, 'etc/systemd/system')
  mkdirSync(join(systemd, 'multi-user.target.wants'), { recursive: true })
  for (const name of ['on.service', 'off.service', 'on@.service'])
    writeFileSync(join(systemd, name), installable)
  writeFileSync(join(systemd, 'static.service'), '[Service]\nExecStart=/bin/true\n')
  for (const name of ['on.service', 'on@.service'])
    symlinkSync(
      join('/etc/systemd/system', name),
      join(systemd, 'multi-user.target.wants', name.replace('@', '@i')),
    )
  const names = ['on', 'off', 'static', 'none', 'on@i', 'on@j'].map((name) => ({
    name: `${name}.service`,
    enabled: false,
  }))
  const list = [
    ...names,
    { name: 'own.service', enabled: false, contents: installable },
    { name: 'new.service', enabled: true },
  ]
  const { system } = realSystem({ PATH: '/usr/bin:/bin' })
  const context = stage({ system, root, config: { systemd: { units: list } } })
  await provision(context, units)
  expect(
    readFileSync(join(root, 'etc/systemd/system-preset/20-ignition.preset'), 'utf8').split('\n'),
  ).toEqual([
    'enable new.service',
    'disable on.service',
    'disable on@i.service',
    'disable static.service',
    '',
  ])
  expect(existsSync(join(systemd, 'multi-user.target.wants'))).toBe(false)
  expect(await planned(context, units)).toEqual([])
})

test('setfiles gets paths that end in NUL', async () => {
  const root = scratchDirectory()
  const tools = scratchDirectory()
  const record = join(tools, 'record')
  writeFileSync(join(tools, 'setfiles'), `#!/bin/sh\necho "$@" >${record}\ncat >>${record}\n`, {
    mode: 0o755,
  })
  mkdirSync(join(root, 'etc/selinux/targeted/contexts/files'), { recursive: true })
  writeFileSync(join(root, 'etc/selinux/config'), 'SELINUXTYPE=targeted\n')
  writeFileSync(join(root, 'etc/selinux/targeted/contexts/files/file_contexts'), '')
  const { system } = realSystem({ PATH: `${tools}:/bin` })
  const context = stage({ system, root, config: { systemd: { units: [{ name: 'a.service', mask: true }] } } })
  await provision(context, units, relabel)
  const contexts = `${root}/etc/selinux/targeted/contexts/files/file_contexts`
  expect(readFileSync(record, 'utf8')).toBe(`-vF0 -r ${root} ${contexts} -f -\n${root}/etc/systemd\0`)
})
