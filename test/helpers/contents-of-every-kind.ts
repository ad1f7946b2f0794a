import type { Config } from '../../src/spec/config.ts'
import type { Sketch } from './config-of.ts'

const inline = (text: string) => ({ source: `data:,${encodeURIComponent(text)}` })

/**
 * Nodes, accounts and units of every kind, for a root with the accounts `old` and `kept`. What comes from afar comes from
 * a server at the origin.
 */
export function contentsOfEveryKind(origin: string): Sketch<Config> & { readonly storage: object } {
  return {
    storage: {
      directories: [
        { path: '/srv/shared', mode: 0o2775, group: { id: 100 } },
        { path: '/etc/new', overwrite: true, mode: 0o750 },
      ],
      files: [
        { path: '/etc/motd', contents: inline('welcome\n'), mode: 0o644, overwrite: true },
        { path: '/etc/deep/inline', contents: inline('one\n'), mode: 0o600 },
        { path: '/srv/far', contents: { source: `${origin}/far` } },
        { path: '/srv/safe/secret', contents: inline('secret\n'), mode: 0o400, user: { id: 1000 } },
        {
          path: '/etc/two',
          contents: inline('first\n'),
          append: [inline('second\n'), { source: `${origin}/far` }],
        },
        { path: '/etc/hosts', append: [inline('10.0.0.1 one\n'), inline('10.0.0.2 two\n')], mode: 0o644 },
        { path: '/etc/only-appended', append: [inline('a\n')] },
        {
          path: '/home/core/note',
          contents: inline('mine\n'),
          user: { name: 'core' },
          group: { name: 'core' },
        },
      ],
      links: [
        { path: '/etc/link', target: 'motd', user: { id: 1000 }, group: { id: 1000 } },
        { path: '/srv/hard', target: '/srv/far', hard: true },
      ],
    },
    passwd: {
      groups: [{ name: 'crew', gid: 2000 }],
      users: [
        {
          name: 'core',
          uid: 1000,
          groups: ['crew'],
          passwordHash: '$6$canary',
          sshAuthorizedKeys: ['ssh-ed25519 AAAA'],
        },
        { name: 'old', shouldExist: false },
        { name: 'kept', gecos: 'Changed' },
      ],
    },
    systemd: {
      units: [
        {
          name: 'one.service',
          enabled: true,
          contents: '[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=x.target\n',
        },
        { name: 'two.service', mask: true },
        { name: 'three.service', dropins: [{ name: 'x.conf', contents: '[Service]\n' }] },
      ],
    },
  }
}
