import { chmodSync, chownSync, existsSync, lstatSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { passwd } from '../../src/sections/passwd/index.ts'
import { programs } from '../../src/system/programs.ts'
import { realSystem } from '../helpers/real-system.ts'
import { scratchDirectory } from '../helpers/scratch.ts'
import { failureOf, planned, provision, type StageOptions, stage } from '../helpers/stage.ts'

const accountFiles = {
  passwd:
    'root:x:0:0:root:/root:/bin/sh\nold:x:1500:1500::/home/old:/bin/sh\ngone:x:1501:1501::/home/gone:/bin/sh\n',
  group: 'root:x:0:\nold:x:1500:\ngone:x:1501:\nwheel:x:10:old\n',
  shadow: 'root:*:19000::::::\nold:!:19000::::::\ngone:!:19000::::::\n',
  gshadow: 'root:*::\nold:!::\ngone:!::\nwheel:*::old\n',
}

/** A root with account files, enough for the account tools. */
function scratchRoot(): string {
  const root = scratchDirectory()
  for (const directory of ['etc', 'home/old', 'home/gone', 'var'])
    mkdirSync(join(root, directory), { recursive: true })
  for (const [name, text] of Object.entries(accountFiles)) writeFileSync(join(root, 'etc', name), text)
  chmodSync(join(root, 'etc/shadow'), 0o600)
  chownSync(join(root, 'home/gone'), 1501, 1501)
  return root
}

const hash = '$6$salt$averysecrethash'
const config: StageOptions['config'] = {
  passwd: {
    groups: [
      { name: 'staff', gid: 2000 },
      { name: 'wheel', gid: 11 },
    ],
    users: [
      {
        name: 'new',
        uid: 2001,
        gecos: 'A Name',
        homeDir: '/var/home/new',
        primaryGroup: 'staff',
        groups: ['wheel'],
        shell: '/bin/bash',
        passwordHash: hash,
        sshAuthorizedKeys: ['ssh-ed25519 AAAA new'],
      },
      { name: 'old', groups: ['staff'], homeDir: '/srv/home/moved', shell: '/bin/bash', passwordHash: '' },
      { name: 'gone', shouldExist: false },
    ],
  },
}

describe('the account tools of this machine, on a scratch root', () => {
  const tools = '/usr/sbin:/usr/bin:/sbin:/bin'
  const read = (root: string, name: string) => readFileSync(join(root, 'etc', name), 'utf8')

  test('make, change and remove accounts', async () => {
    const root = scratchRoot()
    const { system, messages } = realSystem({ PATH: tools })
    const context = stage({ system, config, root })
    await provision(context, passwd)
    expect(read(root, 'passwd').split('\n').slice(1)).toEqual([
      'old:x:1500:1500::/srv/home/moved:/bin/bash',
      'new:x:2001:2000:A Name:/var/home/new:/bin/bash',
      '',
    ])
    expect(read(root, 'shadow')).toMatch(/^new:\$6\$salt\$averysecrethash:/m)
    expect(read(root, 'shadow')).toMatch(/^old:\*:/m)
    expect(
      read(root, 'group')
        .split('\n')
        .filter((line) => /^(staff|wheel)/.test(line)),
    ).toEqual(['wheel:x:11:new', 'staff:x:2000:old'])
    expect([existsSync(join(root, 'home/gone')), existsSync(join(root, 'srv/home/moved'))]).toEqual([
      false,
      true,
    ])
    const keys = join(root, 'var/home/new/.ssh/authorized_keys.d/ignition')
    expect(readFileSync(keys, 'utf8')).toBe('ssh-ed25519 AAAA new\n')
    expect(lstatSync(keys)).toMatchObject({ uid: 2001, gid: 2000 })
    expect(JSON.stringify(messages)).not.toContain('averysecrethash')
    expect(await planned(context, passwd)).toEqual([])
  })

  test('are quoted when they fail', async () => {
    const root = scratchRoot()
    const users = [{ name: 'x', groups: ['missing'], passwordHash: hash }]
    const { system } = realSystem({ PATH: tools })
    const failure = await failureOf(() =>
      provision(stage({ system, config: { passwd: { users } }, root }), passwd),
    )
    expect(failure.code).toBe('FL_PROGRAM')
    expect(failure.message).toContain("group 'missing' does not exist")
    expect(failure.message).not.toContain('averysecrethash')
  })
})

describe('the command lines', () => {
  /** Programs that write down how they were called; `useradd` adds the account too. */
  function recorders(root: string): { path: string; calls: () => readonly string[] } {
    const path = scratchDirectory()
    const record = join(path, 'calls')
    const names = [programs.useradd, programs.usermod, programs.userdel, programs.groupadd, programs.groupmod]
    for (const { file } of names) {
      const script = [
        '#!/bin/sh',
        `{ printf '%s' ${file}; printf ' <%s>' "$@"; echo; } >>${record}`,
        `[ ${file} = useradd ] && echo 'new:x:2001:2000::/var/home/new:/bin/sh' >>${root}/etc/passwd`,
        'exit 0',
      ]
      writeFileSync(join(path, file), `${script.join('\n')}\n`, { mode: 0o755 })
    }
    return { path: `${path}:/bin`, calls: () => readFileSync(record, 'utf8').trimEnd().split('\n') }
  }

  test('have long options only, the name last', async () => {
    const root = scratchRoot()
    const { path, calls } = recorders(root)
    await provision(stage({ system: realSystem({ PATH: path }).system, config, root }), passwd)
    const marked = (line: string) => line.replaceAll(root, 'ROOT')
    expect(calls().map(marked)).toEqual([
      'groupadd <--root> <ROOT> <--gid> <2000> <staff>',
      'groupmod <--root> <ROOT> <--gid> <11> <wheel>',
      `useradd <--root> <ROOT> <--home-dir> </var/home/new> <--create-home> <--password> <${hash}> <--uid> <2001> <--comment> <A Name> <--gid> <staff> <--groups> <wheel> <--shell> </bin/bash> <new>`,
      'usermod <--root> <ROOT> <--home> </srv/home/moved> <--move-home> <--password> <*> <--groups> <staff> <--shell> </bin/bash> <old>',
      'userdel <--remove> <--root> <ROOT> <gone>',
    ])
  })

  test('a tool that is not installed is named with its package', async () => {
    const system = realSystem({ PATH: scratchDirectory() }).system
    const context = stage({ system, config, root: scratchRoot() })
    expect(await failureOf(() => provision(context, passwd))).toMatchObject({
      code: 'FL_PROGRAM_MISSING',
      message: expect.stringContaining('"groupadd"'),
    })
  })
})
