import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { finish, ignition, scratchMachine, stageArguments, treeOf } from '../helpers/ignition.ts'
import { serve } from '../helpers/server.ts'

const config = (rest: object) => JSON.stringify({ ignition: { version: '3.4.0' }, ...rest })
const fileFrom = (source: string, more: object = {}) =>
  config({ storage: { files: [{ path: '/etc/marker', contents: { source, ...more } }] } })

const server = () =>
  serve((request, response) => {
    response.statusCode = request.url === '/body' ? 200 : 404
    response.end(request.url === '/body' ? 'served' : 'no')
  })

describe('a bad config stops the first stage, which keeps nothing', () => {
  test.each<[string, string | Buffer, RegExp]>([
    ['invalid JSON', '{\n "ignition": {,\n', /error at line 2 col 16: unexpected character ','/],
    ['truncated JSON', '{"ignition": {"version": "3.4', /config from the file .* is not valid/],
    ['a list', '[]', /config from the file .* is not valid/],
    ['bytes that are no text', Buffer.from([0xff, 0xfe, 0x00]), /error at line 1 col 2/],
    ['an unknown version', '{"ignition": {"version": "9.9.0"}}', /version.*9\.9\.0/],
    ['no version', '{}', /version/],
    ['a wrong type', '{"ignition": {"version": "3.4.0"},\n "storage": 7}', /line 2 col/],
    [
      'a broken rule',
      '{"ignition": {"version": "3.4.0"},\n "storage": {"files": [{"path": "etc/x"}]}}',
      /error at \$\.storage\.files\.0\.path, line 2 col 33: the path must be absolute/,
    ],
    ['a cloud config', '#cloud-config\nusers: []\n', /error at line 1 col 2/],
    ['deep nesting', '['.repeat(200_000), /config from the file .* is not valid/],
  ])('%s', async (_, text, message) => {
    const { directory, run } = scratchMachine(text)
    const { exitCode, output } = await run('fetch')
    expect(output).toMatch(message)
    expect(exitCode).toBe(1)
    expect(output).toMatch(/code: +FL_CONFIG_INVALID:/)
    expect(readdirSync(directory).sort()).toEqual(['cmdline', 'config.ign', 'run', 'sysroot'])
  })

  test('a config file that is not there', async () => {
    const { run, environment, directory } = scratchMachine('')
    environment.IGNITION_KERNEL_CMDLINE_PATH = join(directory, 'none')
    const { exitCode, output } = await run('fetch')
    expect(output).toContain(`cannot read the kernel command line from "${directory}/none"`)
    expect(exitCode).toBe(1)
  })
})

describe('a file that cannot be written leaves no trace', () => {
  const provision = async (
    text: string,
    prepare: (machine: ReturnType<typeof scratchMachine>) => void = () => {},
  ) => {
    const machine = scratchMachine(text)
    mkdirSync(join(machine.root, 'etc'))
    prepare(machine)
    expect(await machine.run('fetch')).toMatchObject({ exitCode: 0 })
    const before = treeOf(machine.root)
    const result = await machine.run('files')
    // the journal of steps stays for the run after this one
    const after = treeOf(machine.root).filter((line) => !line.startsWith('etc/.firstlight-journal '))
    return { ...machine, ...result, before, after }
  }

  test('a URL that nobody serves', async () => {
    const { exitCode, output, before, after } = await provision(fileFrom(`${await server()}/none`))
    expect(output).toMatch(/GET http:\/\/127\.0\.0\.1:\d+\/none: resource not found: the server answered 404/)
    expect(exitCode).toBe(1)
    expect(after).toEqual(before)
  })

  test('a wrong hash', async () => {
    const hash = `sha256-${'0'.repeat(64)}`
    const { exitCode, output, before, after } = await provision(
      fileFrom(`${await server()}/body`, { verification: { hash } }),
    )
    expect(output).toContain('hash verification failed (calculated ')
    expect(output).toMatch(/code: +FL_HASH_MISMATCH:/)
    expect(exitCode).toBe(1)
    expect(after).toEqual(before)
  })

  test('contents that are not compressed as said', async () => {
    const { exitCode, output, before, after } = await provision(
      fileFrom('data:,plain', { compression: 'gzip' }),
    )
    expect(output).toMatch(/code: +FL_DECOMPRESS:/)
    expect(exitCode).toBe(1)
    expect(after).toEqual(before)
  })

  test('a file that exists already', async () => {
    const { exitCode, output, before, after } = await provision(fileFrom('data:,new'), ({ root }) =>
      writeFileSync(join(root, 'etc/marker'), 'old'),
    )
    expect(output).toContain('a file is there already and overwrite is false')
    expect(exitCode).toBe(1)
    expect(after).toEqual(before)
  })

  test('an owner that nobody knows', async () => {
    const text = config({ storage: { files: [{ path: '/etc/marker', user: { name: 'nobody-here' } }] } })
    const { exitCode, output, before, after } = await provision(text)
    expect(output).toMatch(/code: +FL_OWNER_UNKNOWN:/)
    expect(output).toContain('nobody-here')
    expect(exitCode).toBe(1)
    expect(after).toEqual(before)
  })
})

describe('a symbolic link never leads out of the new root', () => {
  test.each([
    ['absolute', (outside: string) => outside],
    ['relative', () => '../../../../../../../..'],
  ])('%s', async (_, target) => {
    const text = config({
      storage: { files: [{ path: '/etc/way/out/marker', contents: { source: 'data:,x' } }] },
    })
    const { directory, root, run } = scratchMachine(text)
    const outside = join(directory, 'outside')
    mkdirSync(outside)
    mkdirSync(join(root, 'etc'))
    symlinkSync('/hop', join(root, 'etc/way'))
    symlinkSync(target(outside), join(root, 'hop'))
    expect(await run('fetch')).toMatchObject({ exitCode: 0 })
    const { exitCode } = await run('files')
    expect(exitCode).toBe(0)
    expect(readdirSync(outside)).toEqual([])
    expect(treeOf(root).filter((line) => /^\S*marker /.test(line))).toHaveLength(1)
  })

  test('a loop is an error', async () => {
    const { root, run } = scratchMachine(
      config({ storage: { files: [{ path: '/a/marker', contents: { source: 'data:,x' } }] } }),
    )
    symlinkSync('/b', join(root, 'a'))
    symlinkSync('/a', join(root, 'b'))
    expect(await run('fetch')).toMatchObject({ exitCode: 0 })
    const { exitCode, output } = await run('files')
    expect(output).toMatch(/code: +FL_PATH_ESCAPES:/)
    expect(exitCode).toBe(1)
  })
})

test('a full disk is named, and nothing of the file stays', async () => {
  const { directory, root, environment, run } = scratchMachine(
    config({
      storage: {
        files: [{ path: '/big', contents: { source: `data:,${'x'.repeat(300_000)}` } }],
      },
    }),
  )
  expect(await run('fetch')).toMatchObject({ exitCode: 0 })
  // a filesystem of 64 KiB that only this process tree sees
  const script =
    'mount -t tmpfs -o size=64k full "$1" || exit 9; shift; "$@"; status=$?; ls -A "$0"; exit $status'
  const { exitCode, output } = await finish(
    ['unshare', '-m', 'sh', '-c', script, root, root, ignition, ...stageArguments(directory, 'files', root)],
    environment,
    directory,
  )
  expect(output).toMatch(/code: +FL_NO_SPACE:/)
  expect(output).toContain('/big')
  expect(exitCode).toBe(1)
  expect(output.trimEnd().endsWith('firstlight-')).toBe(false)
  expect(output).not.toMatch(/^\.firstlight-/m)
})

describe('twice', () => {
  test('a second run of every stage changes nothing but the report', async () => {
    const text = config({
      storage: {
        directories: [{ path: '/d', mode: 0o750 }],
        files: [{ path: '/d/f', overwrite: true, contents: { source: 'data:,x' } }],
        links: [{ path: '/l', target: '/d/f' }],
      },
      systemd: {
        units: [
          {
            name: 'a.service',
            enabled: true,
            contents: '[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=x.target\n',
          },
          { name: 'b.service', mask: true },
        ],
      },
    })
    const { root, run } = scratchMachine(text)
    const all = async () => {
      for (const stage of ['fetch-offline', 'fetch', 'kargs', 'disks', 'mount', 'files', 'umount'])
        expect(await run(stage)).toMatchObject({ exitCode: 0 })
      return treeOf(root).filter((line) => !line.includes('.ignition-result.json'))
    }
    const first = await all()
    expect(first.map((line) => line.split(' ')[0])).toContain('etc/systemd/system-preset/20-ignition.preset')
    expect(await all()).toEqual(first)
  })
})
