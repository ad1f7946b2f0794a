import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { formatFailure } from '../src/commands/failure.ts'
import type { StageName } from '../src/stages.ts'
import { emptyState } from '../src/state.ts'
import { writeState } from '../src/state-file.ts'
import type { Files } from '../src/system/system.ts'
import { canariesIn, canaries as secret } from './helpers/canaries.ts'
import { type FakeOptions, fakeSystem, type Run } from './helpers/fake-system.ts'
import { runStageOf } from './helpers/run-stage.ts'
import { traceInMemory } from './helpers/trace.ts'

const dataUrl = (text: string) => `data:;base64,${Buffer.from(text).toString('base64')}`

const volumes = [
  {
    name: 'given',
    device: '/dev/sda',
    wipeVolume: true,
    keyFile: { source: dataUrl(secret.keyFile) },
    clevis: { custom: { pin: 'tang', config: `{"a":"${secret.clevisConfig}"}` } },
  },
  {
    name: 'bound',
    device: '/dev/sdb',
    wipeVolume: true,
    clevis: {
      tang: [
        {
          url: `http://me:${secret.urlPassword}@tang`,
          thumbprint: secret.thumbprint,
          advertisement: `{"a":"${secret.advertisement}"}`,
        },
      ],
    },
  },
]

const config = JSON.stringify({ ignition: { version: '3.4.0' }, storage: { luks: volumes } })

const installed = [
  'wipefs',
  'cryptsetup',
  'clevis',
  'clevis-luks-bind',
  'clevis-luks-unlock',
  'clevis-encrypt-sss',
  'clevis-encrypt-tang',
]

const machine = (rest: FakeOptions) => {
  const { trace, written } = traceInMemory()
  const system = fakeSystem({
    environment: { PATH: '/bin', TMPDIR: '/tmp', IGNITION_CONFIG_FILE: '/config.ign' },
    trace,
    ...rest,
    files: {
      ...Object.fromEntries(installed.map((name) => [`/bin/${name}`, ''])),
      '/proc/cmdline': 'quiet',
      '/config.ign': config,
      '/run/ignition/x': '',
      '/dev/sda': { block: new Uint8Array() },
      '/dev/sdb': { block: new Uint8Array() },
      ...rest.files,
    },
  })
  return { system, trace, written }
}

/** Paths and texts of all files below a directory. */
function* filesBelow(files: Files, directory: string): Generator<readonly [string, string]> {
  for (const name of files.list(directory)) {
    const path = `${directory}/${name}`
    const type = files.lstat(path)?.type
    if (type === 'directory') yield* filesBelow(files, path)
    else if (type === 'file') yield [path, files.readText(path)]
  }
}

interface Runs {
  readonly stages: readonly StageName[]
  readonly platform?: string
  readonly isKept?: readonly string[]
}

/** Runs stages up to the first that fails, and searches what was said and left; the errors. */
async function search(made: ReturnType<typeof machine>, { stages, platform = 'file', isKept = [] }: Runs) {
  const { system, trace, written } = made
  let state = emptyState
  const errors: string[] = []
  for (const stage of stages) {
    const keepState = (kept: typeof state) => writeState(system, { path: '/run/ignition/state', state: kept })
    try {
      state = await runStageOf({ system, stage }, { platform, state, keepState })
      keepState(state)
    } catch (error) {
      errors.push(formatFailure(stage, error), inspect(error, { depth: 9 }))
      break
    }
  }
  trace.close()
  const said = [
    ...system.messages.map(({ message }) => message),
    ...system.records.map((record) => JSON.stringify(record)),
  ]
  for (const text of [...said, ...errors, written()]) expect([text, canariesIn(text)]).toEqual([text, []])
  const leaks = [...filesBelow(system.files, '/run'), ...filesBelow(system.files, '/tmp')].filter(
    ([, text]) => canariesIn(text).length > 0,
  )
  for (const [path] of leaks)
    expect([path, system.files.lstat(path)?.mode]).toEqual([expect.toBeOneOf(isKept), 0o600])
  return errors
}

/** A program that says on both outputs what it was told, and what is in the key file that it was lent. */
const loud =
  (failing: string) =>
  ({ program, args }: Run, files: Files) => {
    if (args[0] === 'isLuks') return { exitCode: 1 }
    // nothing is on the device
    if (args[0] === '-J') return {}
    const keyFile = args.find((argument) => argument.endsWith('/key'))
    const command = `${program} ${args.join(' ')}`
    const text = `${command} ${keyFile === undefined ? '' : files.lstat(keyFile)?.size}`
    return { stdout: text, stderr: text, exitCode: command.startsWith(failing) ? 1 : 0 }
  }

describe('LUKS volumes', () => {
  const stores = ['/run/ignition.json', '/run/ignition/state']

  test.each([
    ['nothing'],
    ['wipefs'],
    ['cryptsetup luksFormat'],
    ['cryptsetup luksOpen'],
    ['clevis luks bind'],
    ['cryptsetup luksRemoveKey'],
  ])('when %s fails, neither keys nor bindings are told', async (failing) => {
    const made = machine({ programs: loud(failing) })
    const errors = await search(made, { stages: ['fetch-offline', 'kargs', 'disks'], isKept: stores })
    expect(errors.length > 0).toBe(failing !== 'nothing')
    const commands = made.system.runs.map(({ program, args }) => `${program} ${args.join(' ')}`)
    expect(failing === 'nothing' || commands.some((command) => command.startsWith(failing))).toBe(true)
    // what was searched for was there to be told
    const told = made.system.runs.map(({ args }) => args.join(' ')).join('\n')
    if (failing === 'nothing')
      expect(canariesIn(told)).toEqual(['urlPassword', 'clevisConfig', 'thumbprint', 'advertisement'])
    expect([...filesBelow(made.system.files, '/tmp')]).toEqual([])
  })
})

describe('tokens of a cloud', () => {
  const withToken = (userData: { readonly status: number; readonly body: string }) =>
    machine({
      server: ({ method }) => (method === 'PUT' ? { status: 200, body: secret.providerToken } : userData),
    })

  test.each([
    ['a config', { status: 200, body: '{"ignition":{"version":"3.4.0"}}' }, 0],
    ['an answer that repeats the token', { status: 403, body: secret.providerToken }, 2],
    [
      'a config that is none',
      {
        status: 200,
        body: `{"ignition":{"version":"3.4.0"},"passwd":{"users":[{"passwordHash":"${secret.userHash}" 1`,
      },
      2,
    ],
  ] as const)('%s tells none', async (_, userData, errors) => {
    const made = withToken(userData)
    expect(await search(made, { stages: ['fetch'], platform: 'aws' })).toHaveLength(errors)
    const sent = JSON.stringify(made.system.requests.map(({ headers }) => headers))
    expect(canariesIn(sent)).toEqual(['providerToken'])
  })
})
