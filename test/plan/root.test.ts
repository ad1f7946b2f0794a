import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Machine } from '../../src/plan/machine.ts'
import { planMachine } from '../../src/plan/plan-machine.ts'
import type { Config } from '../../src/spec/config.ts'
import { configOf, type Sketch } from '../helpers/config-of.ts'
import { type FakeOptions, fakeSystem } from '../helpers/fake-system.ts'

const fixture = join(import.meta.dirname, '../../fixtures/plans/two-disks/machine.json')

const machine = JSON.parse(readFileSync(fixture, 'utf8')) as Machine

const accounts = {
  '/new/etc/passwd':
    'root:x:0:0::/root:/bin/sh\ncore:x:500:500::/home/core:/bin/sh\nold:x:501:501::/home/old:/bin/sh\n',
  '/new/etc/group': 'root:x:0:\ncore:x:500:\n',
  '/new/etc/shadow': 'core:*:1::::::\n',
}

interface Seen {
  readonly files?: FakeOptions['files']
  readonly programs?: FakeOptions['programs']
  readonly mode?: 'live'
}

async function effectsOn(sketch: Sketch<Config>, { files = {}, programs, mode }: Seen = {}) {
  const system = fakeSystem({ files: { ...accounts, ...files }, ...(programs && { programs }) })
  const config = configOf(sketch)
  const plan = await planMachine({ system, config, machine, root: '/new', ...(mode && { mode }) })
  expect(plan.problems).toEqual([])
  return plan.effects
    .filter(({ section }) => section !== 'result')
    .map(({ effect, text }) => `${effect} ${text}`)
}

test('files, directories and links: made, overwritten, removed, left alone', async () => {
  const owner = { user: { id: 0 }, group: { id: 0 } }
  const storage = {
    directories: [{ path: '/etc/there' }, { path: '/etc/tree', overwrite: true }],
    files: [
      { path: '/etc/new', contents: { source: 'https://files.example/new' }, ...owner },
      { path: '/etc/same', contents: { source: 'data:,same' } },
      { path: '/etc/motd', overwrite: true, contents: { source: 'data:,x' } },
      { path: '/etc/fstab', append: [{ source: 'data:,x' }] },
      { path: '/etc/mode', mode: 0o600 },
      { path: '/etc/owned', user: { name: 'made' } },
    ],
    links: [{ path: '/etc/link', target: '/etc/new' }],
  }
  const files = {
    '/new/etc/there': null,
    '/new/etc/tree/inside': 'x',
    '/new/etc/same': 'same',
    '/new/etc/motd': 'before',
    '/new/etc/fstab': '',
    '/new/etc/mode': '',
  }
  expect(await effectsOn({ storage, passwd: { users: [{ name: 'made' }] } }, { files })).toEqual([
    'create user "made"',
    'keep directory "/etc/there", which is as asked for',
    'destroy the directory at "/etc/tree"',
    'create directory "/etc/tree"',
    'create file "/etc/new" from https://files.example/new',
    'keep file "/etc/same", which is as asked for',
    'change file "/etc/motd", overwritten',
    'change file "/etc/fstab", appended to',
    'change owner and mode of file "/etc/mode"',
    'create file "/etc/owned"',
    'create symbolic link "/etc/link" to "/etc/new"',
  ])
})

test('accounts by what the root has', async () => {
  const passwd = {
    users: [
      { name: 'core', sshAuthorizedKeys: ['key'] },
      { name: 'new', passwordHash: 'canary' },
      { name: 'old', shouldExist: false },
    ],
    groups: [{ name: 'core', gid: 7 }],
  }
  expect(await effectsOn({ passwd })).toEqual([
    'change group "core"',
    'change SSH keys of user "core" (1)',
    'create user "new"',
    'destroy user "old" with its home',
  ])
})

test('units by what the root has', async () => {
  const systemd = {
    units: [
      { name: 'new.service', enabled: true, contents: '[Install]\nWantedBy=a.target\n' },
      { name: 'there.service', contents: 'other', dropins: [{ name: 'a.conf', contents: 'x' }] },
      { name: 'same.service', contents: 'same' },
      { name: 'off.service', enabled: false },
      { name: 'masked.service', mask: false },
    ],
  }
  const files = {
    '/new/etc/systemd/system/there.service': 'before',
    '/new/etc/systemd/system/same.service': 'same',
    '/new/etc/systemd/system/masked.service': { link: '/dev/null' },
  }
  const programs: FakeOptions['programs'] = ({ program }) =>
    program === 'systemctl' ? { stdout: 'enabled\n' } : undefined
  const effects = await effectsOn({ systemd }, { files, programs, mode: 'live' })
  expect(effects).toEqual([
    'create unit "new.service"',
    'create drop-in "a.conf" of unit "there.service"',
    'change unit "there.service"',
    'change unit "masked.service" is unmasked',
    'change unit "new.service" is enabled by preset',
    'change unit "off.service" is disabled by preset',
    'keep unit "same.service"',
  ])
})

test('what is below a filesystem that is made anew is not what can be seen there now', async () => {
  const storage: Sketch<Config['storage']> = {
    filesystems: [{ device: '/dev/vdb1', format: 'ext4', path: '/var', wipeFilesystem: true }],
    files: [{ path: '/var/lib/state', contents: { source: 'data:,x' } }],
  }
  const files = { '/new/var/lib/state': 'of the image' }
  expect((await effectsOn({ storage }, { files })).slice(-1)).toEqual(['create file "/var/lib/state"'])
})

test('an owner that the root does not have is a problem, unless the root cannot be seen', async () => {
  const config = configOf({ storage: { files: [{ path: '/a', user: { name: 'nobody-here' } }] } })
  const system = fakeSystem({ files: accounts })
  const seen = await planMachine({ system, config, machine, root: '/new' })
  expect(seen.problems).toMatchObject([{ section: 'files', code: 'FL_OWNER_UNKNOWN' }])
  const unseen = await planMachine({ system, config, machine })
  expect(unseen.problems).toEqual([])
  expect(unseen.unknowns.map(({ subject }) => subject)).toEqual(['the new root', 'nobody-here'])
})
