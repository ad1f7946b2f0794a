import { describe, expect, test } from 'vitest'
import { createSysroot } from '../../src/system/sysroot.ts'
import { fakeSystem } from '../helpers/fake-system.ts'

const etcPasswd = 'root:x:0:0:root:/root:/bin/bash\ncore:x:500:501:Core:/home/core:/bin/bash\n'

const rootWith = (files: Readonly<Record<string, string | { readonly link: string }>>) => {
  const { files: machine } = fakeSystem({
    files: Object.fromEntries(Object.entries(files).map(([path, content]) => [`/sysroot${path}`, content])),
  })
  return createSysroot(machine, '/sysroot')
}

describe('users and groups of the new root', () => {
  test('by /etc/passwd and /etc/group when there is no nsswitch.conf', () => {
    const root = rootWith({ '/etc/passwd': etcPasswd, '/etc/group': 'wheel:x:10:core,root\nempty:x:11:\n' })
    expect(root.user('core')).toEqual({
      name: 'core',
      uid: 500,
      gid: 501,
      gecos: 'Core',
      home: '/home/core',
      shell: '/bin/bash',
    })
    expect(root.group('wheel')).toEqual({ name: 'wheel', gid: 10, members: ['core', 'root'] })
    expect(root.groupsOf('core')).toEqual(['wheel'])
    expect(root.user('nobody')).toBeUndefined()
  })

  test('nobody is known in an empty root', () => {
    const root = rootWith({})
    expect([root.user('root'), root.group('root'), root.groupsOf('root')]).toEqual([undefined, undefined, []])
  })

  test('the services of nsswitch.conf, in its order', () => {
    const root = rootWith({
      '/etc/nsswitch.conf':
        '# comment\npasswd: sss altfiles [NOTFOUND=continue] files\ngroup:usrfiles # all\nhosts: files\n',
      '/etc/passwd': etcPasswd,
      '/usr/lib/passwd': 'core:x:1000:1000::/var/home/core:/bin/sh\nchrony:x:994:992::/:/sbin/nologin\n',
      '/usr/share/baselayout/group': 'docker:x:233:core\n',
      '/etc/group': 'wheel:x:10:\n',
    })
    expect(root.user('core')?.uid).toBe(1000)
    expect(root.user('root')?.uid).toBe(0)
    expect(root.user('chrony')?.gid).toBe(992)
    expect(root.group('docker')?.gid).toBe(233)
    expect(root.group('wheel')).toBeUndefined()
  })

  test('an nsswitch.conf below /usr counts where /etc has none', () => {
    const files = { '/usr/etc/nsswitch.conf': 'passwd: altfiles\n', '/usr/lib/passwd': etcPasswd }
    expect(rootWith(files).user('core')?.uid).toBe(500)
    expect(rootWith({ ...files, '/etc/nsswitch.conf': 'passwd: files\n' }).user('core')).toBeUndefined()
  })

  test('names of services that are no files are no trouble', () => {
    expect(rootWith({ '/etc/nsswitch.conf': 'passwd: constructor systemd\n' }).user('root')).toBeUndefined()
  })

  test('lines that are not accounts are passed over', () => {
    const root = rootWith({
      '/etc/passwd': `+::::::\n-bad:x:1:1:::\n# x:x:1:1:::\nhalf:x\nword:x:one:1:::\n\n${etcPasswd}`,
    })
    expect(root.user('core')?.uid).toBe(500)
    for (const name of ['+', '-bad', '# x', 'half', 'word', '']) expect(root.user(name)).toBeUndefined()
  })

  test('links to the account files stay inside the root', () => {
    const { files } = fakeSystem({
      files: {
        '/sysroot/etc/passwd': { link: '/usr/etc/passwd' },
        '/sysroot/usr/etc/passwd': etcPasswd,
        '/usr/etc/passwd': 'intruder:x:0:0:::\n',
      },
    })
    const root = createSysroot(files, '/sysroot')
    expect([root.user('core')?.uid, root.user('intruder')]).toEqual([500, undefined])
  })

  test('changed account files are read again after forget', () => {
    const { files } = fakeSystem({ files: { '/sysroot/etc/passwd': etcPasswd } })
    const root = createSysroot(files, '/sysroot')
    expect(root.user('new')).toBeUndefined()
    files.append('/sysroot/etc/passwd', 'new:x:600:600:::\n')
    root.forget()
    expect(root.user('new')?.uid).toBe(600)
  })
})
