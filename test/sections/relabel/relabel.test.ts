import { describe, expect, test } from 'vitest'
import { files } from '../../../src/sections/files/index.ts'
import { passwd } from '../../../src/sections/passwd/index.ts'
import { relabelNow } from '../../../src/sections/relabel/apply.ts'
import { relabel } from '../../../src/sections/relabel/index.ts'
import { policyName } from '../../../src/sections/relabel/plan.ts'
import { type FakeOptions, fakeSystem } from '../../helpers/fake-system.ts'
import { planned, provision, type StageOptions, stage } from '../../helpers/stage.ts'

const policy = {
  '/sysroot/etc/selinux/config': '# SELINUXTYPE=no\nSELINUX=enforcing\n SELINUXTYPE=targeted \n',
  '/sysroot/etc/selinux/targeted/contexts/files/file_contexts': '',
}

const setUp = (tree: NonNullable<FakeOptions['files']>, rest: Partial<StageOptions> = {}) => {
  const system = fakeSystem({ files: tree })
  return { system, context: stage({ system, config: {}, ...rest }) }
}

const config = {
  storage: {
    files: [{ path: '/new/dir/f' }, { path: '/etc/there', mode: 0o644 }],
    links: [{ path: '/etc/dangling', target: '/gone' }],
  },
}

describe('relabelling', () => {
  test('one run for all that was written, in byte order, links without target included', async () => {
    const { system, context } = setUp({ ...policy, '/sysroot/etc/there': '' }, { config })
    await provision(context, files, relabel)
    expect(system.runs).toEqual([
      {
        program: 'setfiles',
        args: [
          '-vF0',
          '-r',
          '/sysroot',
          '/sysroot/etc/selinux/targeted/contexts/files/file_contexts',
          '-f',
          '-',
        ],
        options: {
          input: ['/etc/dangling', '/etc/there', '/new', '/new/dir/f']
            .map((path) => `/sysroot${path}\0`)
            .join(''),
        },
      },
    ])
    expect(system.messages.at(-1)?.message).toBe('op(3): [finished] relabeling 4 patterns')
  })

  test('without a prefix in the machine’s own root', async () => {
    const own = Object.fromEntries(
      Object.entries(policy).map(([path, text]) => [path.slice('/sysroot'.length), text]),
    )
    const { system, context } = setUp(own, { root: '', config })
    await provision(context, files, relabel)
    expect(system.runs[0]?.args).toEqual([
      '-vF0',
      '/etc/selinux/targeted/contexts/files/file_contexts',
      '-f',
      '-',
    ])
  })

  test('account files and homes when the config has accounts', async () => {
    const names = [
      'passwd',
      'passwd-',
      'group',
      'shadow',
      'gshadow-',
      'subuid',
      'subgid-',
      '.pwd.lock',
      'hosts',
    ]
    const { system, context } = setUp(
      {
        ...policy,
        ...Object.fromEntries(names.map((name) => [`/sysroot/etc/${name}`, ''])),
        '/sysroot/etc/passwd': 'a:x:1:1::/home/a:/\nb:x:2:2::/home/b:/\nc:x:3:3::/gone:/\nd:x:4:4::/:/\n',
        '/sysroot/home/a': { link: '/var/home/a' },
        '/sysroot/var/home/a': null,
        '/sysroot/home/b': null,
      },
      {
        config: {
          passwd: { users: [{ name: 'a' }, { name: 'b', noCreateHome: true }, { name: 'c' }, { name: 'd' }] },
        },
      },
    )
    await provision(context, passwd, relabel)
    expect(String(system.runs.at(-1)?.options.input).split('\0')).toEqual([
      ...['.pwd.lock', 'group', 'gshadow-', 'passwd', 'passwd-', 'shadow', 'subgid-', 'subuid'].map(
        (name) => `/sysroot/etc/${name}`,
      ),
      '/sysroot/var/home/a',
      '',
    ])
  })

  test.each<[string, NonNullable<FakeOptions['files']>, Partial<StageOptions>]>([
    ['no SELinux', {}, {}],
    ['no policy named', { '/sysroot/etc/selinux/config': 'SELINUX=disabled\n' }, {}],
    ['the policy is not installed', { '/sysroot/etc/selinux/config': 'SELINUXTYPE=targeted\n' }, {}],
    ['live', policy, { mode: 'live' }],
  ])('nothing is done: %s', async (_, tree, rest) => {
    const { system, context } = setUp(tree, { config, ...rest })
    await provision(context, files)
    expect(await planned(context, relabel)).toEqual([])
    expect(system.runs).toEqual([])
  })

  test('at once for another section', async () => {
    const { system, context } = setUp(policy)
    await relabelNow(context, ['/sysroot/b', '/sysroot/a', '/sysroot/b'])
    expect(system.runs.map(({ options }) => options.input)).toEqual(['/sysroot/a\0/sysroot/b\0'])
    const without = setUp({})
    await relabelNow(without.context, ['/sysroot/a'])
    expect(without.system.runs).toEqual([])
  })
})

test.each([
  ['', undefined],
  ['SELINUXTYPE=\n', undefined],
  ['#SELINUXTYPE=a\nSELINUXTYPE=mls\nSELINUXTYPE=b', 'mls'],
])('the policy that %j names', (text, name) => {
  expect(policyName(text)).toBe(name)
})
