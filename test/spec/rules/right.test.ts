import { expect, test } from 'vitest'
import { reportOf } from '../../helpers/parse.ts'

const file = (members: object) => ({ storage: { files: [{ path: '/a', ...members }] } })
const contents = (members: object) => file({ contents: members })
const disk = (...partitions: object[]) => ({ storage: { disks: [{ device: '/dev/a', partitions }] } })
const filesystem = (members: object) => ({ storage: { filesystems: [{ device: '/dev/a', ...members }] } })
const luks = (members: object) => ({ storage: { luks: [{ name: 'a', device: '/dev/a', ...members }] } })
const unit = (members: object) => ({ systemd: { units: [{ name: 'a.service', ...members }] } })

/** Just within the rules: what looks wrong, or is wrong elsewhere, but must pass without a word. */
test.each<[string, object, string?]>([
  [
    'the root as a path',
    { storage: { directories: [{ path: '/' }, { path: '/...' }, { path: '/a b/.c' }] } },
  ],
  ['all bits of a mode', file({ mode: 0o7777 })],
  ['the largest mode without special bits', file({ mode: 0o777 }), '3.0.0'],
  ['overwriting with nothing', file({ overwrite: true, contents: { source: '' } })],
  ['overwriting a directory', { storage: { directories: [{ path: '/a', overwrite: true }] } }],
  ['an id and an empty name', file({ user: { id: 0, name: '' } })],
  ['negative ids', file({ user: { id: -1 }, group: { id: -1 } })],
  [
    'a path that only begins like a link',
    {
      storage: {
        files: [{ path: '/link/a' }, { path: '/l' }],
        links: [
          { path: '/lin', target: '/t' },
          { path: '/', target: 'x' },
        ],
      },
    },
  ],
  ['a path below a file', { storage: { files: [{ path: '/a' }, { path: '/a/b' }] } }],
  [
    'a hard link beside a directory',
    {
      storage: { links: [{ path: '/x/l', target: '/d/e', hard: true }], directories: [{ path: '/d' }] },
    },
  ],
  ['a link without a target before 3.3.0', { storage: { links: [{ path: '/l' }] } }, '3.2.0'],
  [
    'a file where a unit without contents is',
    {
      storage: { files: [{ path: '/etc/systemd/system/a.service' }] },
      systemd: { units: [{ name: 'a.service', mask: true, contents: '' }] },
    },
  ],
  ['a label of 36 bytes', disk({ label: 'é'.repeat(18) })],
  ['an empty label instead of a number', disk({ label: '' })],
  ['a negative number', disk({ number: -1 })],
  ['empty GUIDs', disk({ number: 1, guid: '', typeGuid: '' }, { number: 2, shouldExist: false, guid: '' })],
  [
    'partitions side by side',
    disk({ number: 1, startMiB: 1, sizeMiB: 9 }, { number: 2, startMiB: 10, sizeMiB: 0 }),
  ],
  [
    'partitions without a fixed place',
    disk({ startMiB: 0, sizeMiB: 9, label: 'a' }, { startMiB: 0, sizeMiB: 9, label: 'b' }),
  ],
  ['nothing but a device', filesystem({})],
  ['no filesystem, with a label', filesystem({ format: 'none', label: 'x'.repeat(300) })],
  [
    'a virtiofs tag',
    filesystem({ device: 'a/../b', format: 'virtiofs', path: '/a', mountOptions: ['ro'] }),
    '3.7.0-experimental',
  ],
  [
    'one mount point twice',
    {
      storage: {
        filesystems: ['/dev/a', '/dev/b'].map((device) => ({ device, format: 'ext4', path: '/a' })),
      },
    },
  ],
  ['options twice', filesystem({ format: 'ext4', options: ['a', 'a'], mountOptions: ['a', 'a'] })],
  [
    'a wiped filesystem on a wiped disk',
    {
      storage: {
        disks: [{ device: '/dev/a', wipeTable: true }],
        filesystems: [{ device: '/dev/a', format: 'ext4', wipeFilesystem: true }],
      },
    },
  ],
  ['no spares', { storage: { raid: [{ name: '/', level: '0', devices: ['/dev/a'], spares: 0 }] } }],
  ['spares', { storage: { raid: [{ name: '', level: 'mirror', devices: ['/dev/a'], spares: -1 }] } }],
  [
    'a threshold of 0 beside a custom pin',
    luks({ clevis: { threshold: 0, custom: { pin: 'any', config: '{}' } } }),
  ],
  ['an empty custom object beside a TPM', luks({ clevis: { tpm2: true, custom: {} } })],
  ['only the network in 3.2.0', luks({ clevis: { custom: { needsNetwork: true } } }), '3.2.0'],
  ['a label of 47 bytes', luks({ label: 'x'.repeat(47), uuid: 'anything' })],
  [
    'an advertisement that is any JSON',
    luks({
      clevis: { tang: [{ url: 'http:', thumbprint: 'x', advertisement: ' 1 ' }] },
    }),
  ],
  ['cex that is off', luks({ cex: { enabled: false }, clevis: { tpm2: true } })],
  ['a hash of any letters', contents({ source: '', verification: { hash: `sha256-${'Z'.repeat(64)}` } })],
  ['an empty compression', contents({ compression: '' })],
  ['a header without a value', contents({ source: 'HTTP:', httpHeaders: [{ name: 'A' }, { name: 'a' }] })],
  ['schemes of 3.0.0', contents({ source: 's3:?versionId=1' }), '3.0.0'],
  ['an access point', contents({ source: 'arn:aws:s3:eu:1:accesspoint/a/b' }), '3.4.0'],
  ['a reference without a source in 3.0.0', { ignition: { config: { merge: [{}] } } }, '3.0.0'],
  ['an empty replacement', { ignition: { config: { replace: { source: '' } } } }],
  ['a proxy', { ignition: { proxy: { httpProxy: 'http:', httpsProxy: 'HTTPS://p', noProxy: [''] } } }],
  [
    'names of units',
    { systemd: { units: ['.service', 'x/y.socket', '../a.mount', 'a@b.scope'].map((name) => ({ name })) } },
  ],
  ['names of drop-ins', unit({ dropins: [{ name: '.conf' }, { name: 'a/b.conf' }] })],
  ['an enabled unit with something to install', unit({ enabled: true, contents: '[Install]\nA=' })],
  ['an enabled unit without contents', unit({ enabled: true, contents: '' })],
  [
    'an enabled instance of a template that installs',
    {
      systemd: {
        units: [
          { name: 'a@b.service', enabled: true },
          { name: 'a@.service', contents: '[Install]\nA=b' },
        ],
      },
    },
  ],
  [
    'accounts of any content',
    {
      passwd: { users: [{ name: '', uid: -1, homeDir: 'x' }, { name: 'a b' }], groups: [{ name: '' }] },
    },
  ],
  [
    'null where nothing is meant',
    {
      storage: { files: [{ path: '/a', mode: null, overwrite: null }], disks: null },
    },
  ],
])('%s', (_, config, version = '3.6.0') => {
  const ignition = 'ignition' in config ? (config.ignition as object) : {}
  expect(reportOf({ ...config, ignition: { version, ...ignition } })).toEqual([])
})
