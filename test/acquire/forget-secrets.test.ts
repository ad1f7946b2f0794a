import { describe, expect, test } from 'vitest'
import { readCache } from '../../src/acquire/cache.ts'
import { forgetSecrets, withoutSecrets } from '../../src/acquire/forget-secrets.ts'
import { Secret } from '../../src/secret.ts'
import { serializeConfig } from '../../src/spec/serialize.ts'
import { emptyState } from '../../src/state.ts'
import { configOf } from '../helpers/config-of.ts'
import { fakeSystem } from '../helpers/fake-system.ts'

const config = {
  ignition: { version: '3.6.0', config: { merge: [{ source: 'http://me:s3cret@h/a?token=s3cret' }] } },
  passwd: { users: [{ name: 'core', passwordHash: 's3cret' }] },
  storage: {
    files: [
      {
        path: '/a',
        mode: 420,
        contents: { source: 'data:,s3cret', httpHeaders: [{ name: 'X', value: 's3cret' }] },
      },
    ],
    filesystems: [{ device: '/dev/a', wipeFilesystem: false, label: 'root' }],
    luks: [
      {
        name: 'a',
        clevis: {
          custom: { config: 's3cret', pin: 'tang' },
          tang: [{ url: 'http://t', thumbprint: 's3cret' }],
        },
      },
    ],
  },
  systemd: {
    units: [{ name: 'a.service', contents: 's3cret', dropins: [{ name: 'b.conf', contents: 's3cret' }] }],
  },
}

describe('a config whose secrets are forgotten', () => {
  test('keeps what tools of distributions look for, and nothing of the secrets', () => {
    const text = withoutSecrets(JSON.stringify(config))
    expect(text).not.toContain('s3cret')
    expect(JSON.parse(text)).toMatchObject({
      ignition: { version: '3.6.0', config: { merge: [{ source: 'http://h/a?token=***' }] } },
      passwd: { users: [{ name: 'core', passwordHash: '<secret>' }] },
      storage: { files: [{ path: '/a', mode: 420 }], filesystems: config.storage.filesystems },
    })
    expect(withoutSecrets(text)).toBe(text)
  })

  const report = (outcome: string) => JSON.stringify({ shape: 1, outcome, stages: [] })
  const state = {
    ...emptyState,
    luksPersistKeyFiles: { a: new Secret('data:,s3cret') },
    notatedDirectories: ['/d'],
  }
  const machine = (outcome: string, commandLine = '') =>
    fakeSystem({
      files: {
        '/proc/cmdline': commandLine,
        '/run/ignition.json': JSON.stringify(config),
        '/run/firstlight/report.json': report(outcome),
      },
    })
  const forget = (system: ReturnType<typeof machine>) => {
    const kept = forgetSecrets(system, { cachePath: '/run/ignition.json', state })
    return system.files.readText('/run/ignition.json').includes('s3cret') || kept.luksPersistKeyFiles !== null
  }

  test('is left on a machine that is provisioned, for root alone', () => {
    const system = machine('provisioned')
    expect(forget(system)).toBe(false)
    expect(system.files.stat('/run/ignition.json')?.mode).toBe(0o600)
    expect(system.files.list('/run')).toEqual(['firstlight', 'ignition.json'])
  })

  test('is not left where a stage may have to run again, or where the operator says so', () => {
    expect(forget(machine('failed'))).toBe(true)
    expect(forget(machine('unfinished'))).toBe(true)
    expect(forget(machine('provisioned', 'firstlight.secrets=keep'))).toBe(true)
  })

  test('does for the stage that unmounts, again and again, and for no other', () => {
    const system = machine('provisioned')
    const whole = serializeConfig(
      configOf({ storage: { filesystems: [{ device: '/dev/a', path: '/var' }] } }),
    )
    system.files.write('/run/ignition.json', whole, { mode: 0o600 })
    forget(system)
    forget(system)
    const read = (needsSecrets: boolean) => readCache({ system, path: '/run/ignition.json', needsSecrets })
    expect(read(false).storage.filesystems).toMatchObject([{ device: '/dev/a', path: '/var' }])
    expect(() => read(true)).toThrow(/has no secrets any more.*firstlight\.secrets=keep/)
  })

  test('what is no config stays, with a warning: the machine is provisioned', () => {
    const system = machine('provisioned')
    system.files.write('/run/ignition.json', 'no config: s3cret', { mode: 0o600 })
    expect(forgetSecrets(system, { cachePath: '/run/ignition.json', state }).luksPersistKeyFiles).toBeNull()
    const told = system.messages.map(({ level, message }) => `${level} ${message}`)
    expect(told).toEqual([expect.stringMatching(/^warning the secrets of the config stay in/)])
    expect(told.join('')).not.toContain('s3cret')
  })
})
