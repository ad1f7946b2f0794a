import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { canariesIn, leaksBelow, canaries as secret } from '../helpers/canaries.ts'
import { finish, scratchMachine, stageArguments } from '../helpers/ignition.ts'
import { serve } from '../helpers/server.ts'

const main = join(import.meta.dirname, '../../src/main.ts')

const dataUrl = (text: string) => `data:;base64,${Buffer.from(text).toString('base64')}`

const account = (name: string, hash: string) => ({ name, passwordHash: hash })

/** A config with a secret wherever a config may have one. */
function configOf(origin: string) {
  const httpHeaders = [{ name: 'Authorization', value: `Bearer ${secret.headerValue}` }]
  const withPassword = origin.replace('://', `://me:${secret.urlPassword}@`)
  const merged = { ignition: { version: '3.4.0' }, passwd: { users: [account('merged', secret.mergedHash)] } }
  return {
    ignition: {
      version: '3.4.0',
      proxy: { httpsProxy: `http://me:${secret.proxyPassword}@127.0.0.1:9` },
      security: {
        tls: {
          certificateAuthorities: [{ source: `${withPassword}/none?token=${secret.urlToken}`, httpHeaders }],
        },
      },
      config: {
        merge: [
          { source: dataUrl(JSON.stringify(merged)) },
          { source: `${withPassword}/config?token=${secret.urlToken}`, httpHeaders },
        ],
      },
    },
    passwd: {
      users: [account('core', secret.userHash)],
      groups: [account('staff2', secret.groupHash)],
    },
    storage: {
      files: [
        {
          path: '/etc/inline',
          mode: 0o600,
          overwrite: true,
          contents: { source: dataUrl(secret.inlineContents) },
          append: [{ source: dataUrl(secret.appendedContents) }],
        },
        {
          path: '/etc/remote',
          mode: 0o600,
          overwrite: true,
          contents: { source: `${withPassword}/remote?token=${secret.urlToken}`, httpHeaders },
        },
      ],
    },
    systemd: {
      units: [
        {
          name: 'a.service',
          contents: `[Service]\nExecStart=/bin/echo ${secret.unitContents}\n`,
          dropins: [{ name: 'a.conf', contents: `[Unit]\nDescription=${secret.dropinContents}\n` }],
        },
      ],
    },
  }
}

/** Account tools that say on both outputs what they were told, and then do what they are asked to here. */
function installTools(directory: string, status: number, leak = ''): string {
  const bin = join(directory, 'bin')
  mkdirSync(bin)
  const script = `#!/bin/sh\n${leak}echo "$0 $*"; echo "bad: $*" >&2; cat; exit ${status}\n`
  for (const tool of ['useradd', 'usermod', 'groupadd', 'groupmod', 'setfiles'])
    writeFileSync(join(bin, tool), script, { mode: 0o755 })
  return bin
}

interface Variant {
  /** What the account tools do besides: a shell command with its end. */
  readonly leak?: string
  readonly toolStatus?: number
  readonly change?: (config: ReturnType<typeof configOf>) => unknown
  readonly status?: number
  /** Whether all stages are to succeed. */
  readonly succeeds?: boolean
}

const stages = ['fetch-offline', 'fetch', 'kargs', 'disks', 'mount', 'files', 'umount']

/** Runs a whole boot, and whatever else takes a config, on a scratch machine; everything that was said. */
async function boot({ leak, toolStatus = 0, change = (config) => config, status = 200 }: Variant) {
  const origin = await serve((request, response) => {
    // a bundle without certificates adds none
    if (request.url?.startsWith('/none')) return void response.end('')
    response.statusCode = request.url?.startsWith('/config') ? 200 : status
    response.end(
      request.url?.startsWith('/config')
        ? JSON.stringify({ ignition: { version: '3.4.0' } })
        : `${secret.remoteContents} ${status}`,
    )
  })
  const text = JSON.stringify(change(configOf(origin)), undefined, 1)
  const machine = scratchMachine(text)
  const { directory, root } = machine
  mkdirSync(join(directory, 'run'))
  mkdirSync(join(root, 'etc'))
  writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0::/root:/bin/sh\n')
  const environment = {
    ...machine.environment,
    PATH: `${installTools(directory, toolStatus, leak)}:${machine.environment.PATH}`,
    FIRSTLIGHT_RUN_DIR: join(directory, 'run'),
    IGNITION_CONFIG_FILE: join(directory, 'config.ign'),
  }
  const said: string[] = []
  const codes: (number | null)[] = []
  const run = async (...args: readonly string[]) => {
    const { output, exitCode } = await finish([process.execPath, main, ...args], environment, directory)
    said.push(`${args[0]} ${args[1]}\n${output}`)
    codes.push(exitCode)
  }
  const trace = join(directory, 'run/firstlight/trace.json')
  for (const stage of stages) {
    const flags = stageArguments(directory, stage, root).map((flag) => flag.replace(/^-(?=\w)/, '--'))
    const others = flags.filter((_, index) => flags[index - 1] !== '--stage' && flags[index] !== '--stage')
    await run('stage', stage, ...others, '--trace', trace)
  }
  const isSuccess = codes.every((code) => code === 0)
  const config = join(directory, 'config.ign')
  for (const format of ['text', 'json', 'sarif']) await run('validate', '--format', format, config)
  await run('plan', '--live', '--root', root, config)
  await run('plan', '--live', '--root', root, '--json', config)
  await run('apply', '--root', root, '--ignore-unsupported', '--trace', trace, config)
  await run('blame', trace)
  await run('blame', '--svg', trace)
  return { directory, root, said, isSuccess }
}

/** The secret stores that a failed boot leaves for the next try; they are root's alone. */
const stores = ['ignition.json', 'state']

const variants: Readonly<Record<string, Variant>> = {
  'a boot that succeeds': { succeeds: true },
  'account tools that fail and repeat their arguments': { toolStatus: 3 },
  'a server that refuses': { status: 404 },
  'a hash that does not match': {
    change: (config) => ({
      ...config,
      storage: {
        files: config.storage.files.map((file) => ({
          ...file,
          contents: { ...file.contents, verification: { hash: `sha256-${'0'.repeat(64)}` } },
        })),
      },
    }),
  },
  'contents that are not compressed': {
    change: (config) => ({
      ...config,
      storage: {
        files: config.storage.files.map((file) => ({
          ...file,
          contents: { ...file.contents, compression: 'gzip' },
        })),
      },
    }),
  },
  'a config of the wrong types': {
    change: (config) => ({
      ...config,
      passwd: { users: [{ name: 'core', passwordHash: [secret.userHash] }] },
      storage: { files: [{ path: secret.inlineContents, contents: { source: { a: secret.urlToken } } }] },
    }),
  },
  'sources of an unknown scheme': {
    change: (config) => ({
      ...config,
      storage: {
        files: [
          { path: '/a', contents: { source: `ftp://me:${secret.urlPassword}@h/?token=${secret.urlToken}` } },
        ],
      },
    }),
  },
  'wrong URLs and headers': {
    change: (config) => ({
      ...config,
      storage: {
        files: config.storage.files.map((file) => ({
          ...file,
          contents: {
            source: `http://me:${secret.urlPassword}@[`,
            httpHeaders: [{ name: 'a b', value: secret.headerValue }],
          },
        })),
      },
    }),
  },
}

/** Where the config puts secrets in the new root. */
const targets: Readonly<Record<string, readonly string[]>> = {
  'etc/inline': ['inlineContents', 'appendedContents'],
  'etc/remote': ['remoteContents'],
  'etc/systemd/system/a.service': ['unitContents', 'mode 644'],
  'etc/systemd/system/a.service.d/a.conf': ['dropinContents', 'mode 644'],
}

test.each(Object.entries(variants))(
  '%s leaves no secret where none belongs',
  async (_, variant) => {
    const { directory, root, said, isSuccess } = await boot(variant)
    // so that what is searched is what was meant
    expect(isSuccess).toBe(variant.succeeds === true)
    if (isSuccess) expect(readFileSync(join(root, 'etc/remote'), 'utf8')).toContain(secret.remoteContents)

    for (const text of said) expect([canariesIn(text), text]).toEqual([[], text])
    for (const [path, found] of Object.entries(leaksBelow(root)))
      expect([path, found]).toEqual([path, targets[path]])
    const { 'config.ign': given, ...leaks } = leaksBelow(directory)
    expect(given).not.toEqual(undefined)
    const others = Object.entries(leaks).filter(([path]) => !path.startsWith('sysroot/'))
    for (const [path, found] of others) {
      expect([path, isSuccess]).toEqual([expect.toBeOneOf(stores), false])
      expect(found.filter((one) => one.startsWith('mode'))).toEqual([])
    }
  },
  120_000,
)

/** YAML with mistakes on the lines of secrets, or beside them; each is reported with its line. */
const brokenTexts = [
  `passwd:
  users:
    - {name: a, password_hash: ${secret.userHash}#x, groups: x}
    - name: b
      password_hash:
        - ${secret.userHash}
    - {name: c, password_hsh: ${secret.userHash}}
storage:
  files:
    - path: /a
      contents: {inline: 'can''t ${secret.inlineContents}', source: "data:,${secret.inlineContents}"}
    - path: /b
      contents: {source: "http://me:${secret.urlPassword}@[?token=${secret.urlToken}"}
  luks:
    - {name: /, clevis: {tang: [{url: "ftp://me:${secret.urlPassword}@h", advertisement: ${secret.advertisement}}]}}`,
  `systemd:
  units:
    - {name: a, contents: "[Unit ${secret.unitContents}"}
    - name: a.service
      contents: |
        [Unit] ${secret.unitContents}
      dropins: [{name: b.conf, contents: "[Unit] ${secret.dropinContents}"}]`,
  `storage:
  files:
    - path: /a
      contents:
        inline: |
            password: ${secret.inlineContents}
          ${secret.inlineContents}
         ${secret.inlineContents}`,
  `storage:
  files:
    - contents: {inline: "\\q ${secret.inlineContents}"}`,
]

test.each(brokenTexts)('lines of YAML are shown without secrets: %#', async (text) => {
  const { directory, environment } = scratchMachine('')
  const file = join(directory, 'config.bu')
  writeFileSync(file, `variant: fcos\nversion: 1.5.0\n${text}\n`)
  const { output, exitCode } = await finish(
    [process.execPath, main, 'validate', file],
    environment,
    directory,
  )
  expect([exitCode, canariesIn(output), output]).toEqual([1, [], expect.stringMatching(/^ +\d+ \| .*\S/m)])
})

test('a canary is found in whatever form it is leaked', () => {
  const word = secret.keyFile
  const leaked = [
    `Bearer ${word}`,
    encodeURIComponent(`x ${word}`).replaceAll('-', '%2D'),
    Array.from(Buffer.from(word), (byte) => `%${byte.toString(16).toUpperCase()}`).join(''),
    ...['', 'a', 'ab', 'abc'].map((before) => Buffer.from(`${before}${word} and more`).toString('base64')),
    Buffer.from(word).toString('hex').toUpperCase(),
    JSON.stringify({ a: word }),
  ]
  for (const text of leaked) expect([text, canariesIn(text)]).toEqual([text, ['keyFile']])
  expect(canariesIn('<secret>')).toEqual([])
})

test('a leak is found: in the new root, in the run directory, and what others may read', async () => {
  const leak =
    'echo "$*" > sysroot/etc/leaked; echo "$*" >> run/firstlight/trace.json; chmod 644 ignition.json\n'
  const { directory, root } = await boot({ leak, toolStatus: 3 })
  expect(leaksBelow(root)).toMatchObject({ 'etc/leaked': [expect.stringMatching(/Hash$/), 'mode 644'] })
  expect(leaksBelow(directory)).toMatchObject({
    'run/firstlight/trace.json': [expect.stringMatching(/Hash$/)],
    'ignition.json': expect.arrayContaining(['userHash', 'mode 644']) as string[],
  })
}, 120_000)
