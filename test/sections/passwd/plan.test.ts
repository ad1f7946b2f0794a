import { describe, expect, test } from 'vitest'
import { reveal, Secret } from '../../../src/secret.ts'
import {
  type GroupFacts,
  type PasswdFacts,
  planPasswd,
  type UserFacts,
} from '../../../src/sections/passwd/plan.ts'
import type { Config } from '../../../src/spec/config.ts'
import { configOf, type Sketch } from '../../helpers/config-of.ts'
import { failureOf } from '../../helpers/stage.ts'

const core: UserFacts = {
  name: 'core',
  uid: 500,
  gid: 500,
  gecos: 'Core',
  home: '/home/core',
  shell: '/bin/bash',
  passwordHash: new Secret('*'),
  groups: ['sudo', 'wheel'],
}
const wheel: GroupFacts = { name: 'wheel', gid: 10, members: ['core'], passwordHash: new Secret('*') }

const nobody: PasswdFacts = {
  root: '/sysroot',
  users: new Map(),
  groups: new Map(),
  groupIds: new Map(),
  mounted: new Map(),
  anyMounted: false,
  keysInPlace: new Set(),
}
const known: PasswdFacts = {
  ...nobody,
  users: new Map([['core', core]]),
  groups: new Map([['wheel', wheel]]),
  groupIds: new Map([
    ['core', 500],
    ['wheel', 10],
  ]),
}

const plan = (passwd: Sketch<Config['passwd']>, facts: PasswdFacts) => planPasswd(configOf({ passwd }), facts)
const commands = (passwd: Sketch<Config['passwd']>, facts: PasswdFacts) =>
  plan(passwd, facts).map((step) =>
    step.kind === 'account' ? [step.program, ...step.args.map(reveal)].join(' ') : step.kind,
  )

type User = Sketch<Config['passwd']['users'][number]>
type Group = Sketch<Config['passwd']['groups'][number]>

const everything: Omit<User, 'name'> = {
  uid: 1500,
  gecos: 'A Name',
  homeDir: '/var/home/x',
  primaryGroup: 'wheel',
  groups: ['sudo', 'docker'],
  shell: '/bin/zsh',
  passwordHash: '$y$hash',
  noUserGroup: true,
  noLogInit: true,
  system: true,
}

const userCases: readonly [name: string, user: User, facts: PasswdFacts, commands: readonly string[]][] = [
  ['new', { name: 'x' }, nobody, ['useradd --root /sysroot --create-home --password * x']],
  [
    'new, no home',
    { name: 'x', noCreateHome: true },
    nobody,
    ['useradd --root /sysroot --no-create-home --password * x'],
  ],
  [
    'new, empty hash',
    { name: 'x', passwordHash: '' },
    nobody,
    ['useradd --root /sysroot --create-home --password * x'],
  ],
  [
    'new, everything',
    { name: 'x', ...everything },
    nobody,
    [
      'useradd --root /sysroot --home-dir /var/home/x --create-home --no-user-group --system --no-log-init --password $y$hash --uid 1500 --comment A Name --gid wheel --groups sudo,docker --shell /bin/zsh x',
    ],
  ],
  [
    'new, in the machine’s own root',
    { name: 'x' },
    { ...nobody, root: '/' },
    ['useradd --root / --create-home --password * x'],
  ],
  [
    'new, large uid',
    { name: 'x', uid: 4_294_967_294n },
    nobody,
    ['useradd --root /sysroot --create-home --password * --uid 4294967294 x'],
  ],
  ['there, nothing asked', { name: 'core' }, known, []],
  [
    'there, everything',
    { name: 'core', ...everything },
    known,
    [
      'usermod --root /sysroot --home /var/home/x --move-home --password $y$hash --uid 1500 --comment A Name --gid wheel --groups sudo,docker --shell /bin/zsh core',
    ],
  ],
  [
    'there, empty hash',
    { name: 'core', passwordHash: '' },
    { ...known, users: new Map([['core', { ...core, passwordHash: new Secret('$y$old') }]]) },
    ['usermod --root /sysroot --password * core'],
  ],
  ['there, locked already', { name: 'core', passwordHash: '' }, known, []],
  [
    'there, hash cannot be told',
    { name: 'core', passwordHash: '*' },
    { ...known, users: new Map([['core', { ...core, passwordHash: undefined }]]) },
    ['usermod --root /sysroot --password * core'],
  ],
  [
    'there, all as asked',
    {
      name: 'core',
      uid: 500,
      gecos: 'Core',
      homeDir: '/home/core',
      primaryGroup: 'core',
      groups: ['wheel', 'sudo'],
      shell: '/bin/bash',
      passwordHash: '*',
    },
    known,
    [],
  ],
  [
    'there, one group fewer',
    { name: 'core', groups: ['wheel'] },
    known,
    ['usermod --root /sysroot --groups wheel core'],
  ],
  [
    'there, unknown primary group',
    { name: 'core', primaryGroup: 'nix' },
    known,
    ['usermod --root /sysroot --gid nix core'],
  ],
  [
    'to be gone, there',
    { name: 'core', shouldExist: false, sshAuthorizedKeys: ['k'] },
    known,
    ['userdel --remove --root /sysroot core'],
  ],
  ['to be gone, gone', { name: 'x', shouldExist: false }, known, []],
]

describe('a user', () => {
  test.each(userCases)('%s', (_, user, facts, expected) => {
    expect(commands({ users: [user] }, facts)).toEqual(expected)
  })
})

const groupCases: readonly [name: string, group: Group, facts: PasswdFacts, commands: readonly string[]][] = [
  ['new', { name: 'g' }, nobody, ['groupadd --root /sysroot g']],
  [
    'new, everything',
    { name: 'g', gid: 7, passwordHash: 'h', system: true },
    nobody,
    ['groupadd --root /sysroot --gid 7 --password h --system g'],
  ],
  ['new, empty hash', { name: 'g', passwordHash: '' }, nobody, ['groupadd --root /sysroot g']],
  ['there, nothing asked', { name: 'wheel', system: true }, known, []],
  ['there, same id', { name: 'wheel', gid: 10 }, known, []],
  [
    'there, other id',
    { name: 'wheel', gid: 11, system: true },
    known,
    ['groupmod --root /sysroot --gid 11 wheel'],
  ],
  [
    'there, password',
    { name: 'wheel', passwordHash: 'h' },
    known,
    ['groupmod --root /sysroot --password h wheel'],
  ],
  ['to be gone, there', { name: 'wheel', shouldExist: false }, known, ['groupdel --root /sysroot wheel']],
  ['to be gone, gone', { name: 'g', shouldExist: false }, known, []],
]

describe('a group', () => {
  test.each(groupCases)('%s', (_, group, facts, expected) => {
    expect(commands({ groups: [group] }, facts)).toEqual(expected)
  })
})

describe('what follows an account', () => {
  const user = { name: 'core', sshAuthorizedKeys: ['k1', 'k2'] }
  const mounted = (uid: number) => ({
    ...known,
    anyMounted: true,
    mounted: new Map([
      [
        'core',
        [
          {
            target: '/sysroot/home/core',
            existing: {
              type: 'directory' as const,
              mode: 0o700,
              uid,
              gid: 500,
              size: 0,
              device: 1n,
              inode: 1n,
            },
          },
        ],
      ],
    ]),
  })

  test('groups before users, home before keys', () => {
    expect(
      commands({ users: [{ ...user, name: 'x' }], groups: [{ name: 'g' }] }, { ...nobody, anyMounted: true }),
    ).toEqual([
      'groupadd --root /sysroot g',
      'useradd --root /sysroot --create-home --password * x',
      'ownHome',
      'writeKeys',
    ])
  })

  test('a home that is not the user’s yet', () => {
    expect(commands({ users: [{ name: 'core' }] }, mounted(0))).toEqual(['ownHome'])
    expect(commands({ users: [{ name: 'core' }] }, mounted(500))).toEqual([])
    expect(commands({ users: [{ name: 'core', noCreateHome: true }] }, mounted(0))).toEqual([])
  })

  test('an account that changes gets its home and its keys again', () => {
    const changed = { ...user, uid: 900 }
    expect(commands({ users: [changed] }, { ...mounted(500), keysInPlace: new Set(['core']) })).toEqual([
      'usermod --root /sysroot --uid 900 core',
      'ownHome',
      'writeKeys',
    ])
  })

  test('keys that are not there yet', () => {
    expect(plan({ users: [user] }, known)).toEqual([{ kind: 'writeKeys', user: 'core', keys: ['k1', 'k2'] }])
    expect(plan({ users: [user] }, { ...known, keysInPlace: new Set(['core']) })).toEqual([])
  })
})

test.each([[{ users: [{ name: '' }] }], [{ users: [{ name: '--help' }] }], [{ groups: [{ name: '-g' }] }]])(
  'names that the account tools would misread: %j',
  async (passwd) => {
    expect(await failureOf(() => plan(passwd, nobody))).toMatchObject({ code: 'FL_CONFIG_INVALID' })
  },
)
