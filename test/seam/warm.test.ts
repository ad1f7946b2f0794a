import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { beforeAll, describe, expect, test } from 'vitest'
import { errorCodes } from '../../src/errors.ts'
import { stageNames } from '../../src/stages.ts'
import { bootIn } from '../helpers/boot-stages.ts'
import { serve } from '../helpers/server.ts'

const hostname = {
  files: [{ path: '/etc/hostname', mode: 0o640, contents: { source: 'data:,first%0A' } }],
}

beforeAll(() => {
  const root = resolve(import.meta.dirname, '../..')
  const built = spawnSync(process.execPath, ['build/bundle.ts'], { cwd: root, encoding: 'utf8' })
  expect(built.stderr).toMatch(/up to date|is ready/)
})

type Machine = ReturnType<typeof bootIn>

/** What a boot leaves, with the parts that differ between two boots of one machine taken out. */
function traces({ folder }: Machine) {
  const text = (path: string) => readFileSync(join(folder, path), 'utf8').replaceAll(folder, '')
  return {
    state: text('state-file'),
    cache: text('config-cache'),
    hostname: text('root/etc/hostname'),
    result: text('root/etc/.ignition-result.json').replaceAll(
      /"(provisioningDate|startedAt|milliseconds)": ?("[^"]*"|\d+)/g,
      '',
    ),
  }
}

describe.each(['/bin/dash', '/bin/bash'])('stages handed over by %s', (shell) => {
  test('do, say and leave what they do in processes of their own', async () => {
    const apart = bootIn(hostname)
    const alone = stageNames.map((stage) => apart.run(stage, shell))
    const together = bootIn(hostname)
    const { ended } = await together.warm()
    const handed = stageNames.map((stage) => together.run(stage, shell))
    expect(await ended).toMatchObject({ code: 0 })
    const comparable = ({ folder }: Machine, runs: typeof alone) =>
      runs.map(({ status, stdout, stderr }) => [status, stdout.replaceAll(folder, ''), stderr])
    expect(comparable(together, handed)).toEqual(comparable(apart, alone))
    expect(alone.map(({ status }) => status)).toEqual(stageNames.map(() => 0))
    expect(traces(together)).toEqual(traces(apart))
    expect(existsSync(together.mailbox)).toBe(false)
  })

  test('fail with the same words and exit code, and the process is gone before the next', async () => {
    const bad = { files: [{ path: '/etc/hostname', contents: { source: 'data:;base64,%%%' } }] }
    const [apart, together] = [bootIn(bad), bootIn(bad)]
    const { ended } = await together.warm()
    const [one, other] = [apart.run('fetch', shell), together.run('fetch', shell)]
    expect(one.status).toBe(1)
    expect(other.stderr.replaceAll(together.folder, '')).toBe(one.stderr.replaceAll(apart.folder, ''))
    expect(other.status).toBe(1)
    expect(await ended).toMatchObject({ code: 0 })
  })

  test('run by themselves without that process, at once', () => {
    expect(bootIn(hostname).run('fetch', shell)).toMatchObject({ status: 0, stderr: '' })
  })

  test('run by themselves when it has ended and left its FIFOs', async () => {
    const machine = bootIn(hostname)
    const { child, ended } = await machine.warm()
    child.kill('SIGKILL')
    await ended
    expect(existsSync(join(machine.mailbox, 'fetch.request'))).toBe(true)
    expect(machine.run('fetch', shell)).toMatchObject({ status: 0, stderr: '' })
  })
})

describe('a process for all stages', () => {
  test('does a stage once: the second run of it is by itself, also beside the first', async () => {
    const machine = bootIn(hostname)
    await machine.warm()
    expect(machine.run('fetch').status).toBe(0)
    expect(machine.run('fetch').status).toBe(0)
    const [first, second] = [machine.begin('files'), machine.begin('files')]
    expect([await first.ended, await second.ended].map(({ code }) => code)).toEqual([0, 0])
  })

  test('that ends in the middle of a stage fails it at once, with the reason, and it is not run again', async () => {
    let requests = 0
    const origin = await serve(() => {
      requests += 1
    })
    const machine = bootIn({ files: [{ path: '/etc/late', contents: { source: `${origin}/late` } }] })
    const { child } = await machine.warm()
    expect(machine.run('fetch').status).toBe(0)
    const stage = machine.begin('files')
    while (requests === 0) await pause(5)
    child.kill('SIGKILL')
    const { code, stderr } = await stage.ended
    expect(code).toBe(1)
    expect(stderr).toContain('files failed\n')
    expect(stderr).toContain(`code: FL_STAGE_LOST\n  hint: ${errorCodes.FL_STAGE_LOST.wayOut}\n`)
    expect(requests).toBe(1)
  })

  test('ends with the unit whose stage it runs', async () => {
    let requests = 0
    const origin = await serve(() => {
      requests += 1
    })
    const machine = bootIn({ files: [{ path: '/etc/late', contents: { source: `${origin}/late` } }] })
    const { ended } = await machine.warm()
    machine.run('fetch')
    const stage = machine.begin('files')
    while (requests === 0) await pause(5)
    stage.child.kill('SIGTERM')
    expect(await ended).toMatchObject({ code: 0 })
    expect(existsSync(join(machine.folder, 'root/etc/late'))).toBe(false)
  })

  test('that hangs hands nothing over: the stage begins by itself as soon as it is ended', async () => {
    const machine = bootIn(hostname)
    const { child } = await machine.warm()
    child.kill('SIGSTOP')
    const stage = machine.begin('fetch')
    await pause(200)
    expect(stage.said.stdout).toBe('')
    // as the service manager's watchdog does
    child.kill('SIGKILL')
    expect(await stage.ended).toMatchObject({ code: 0, stderr: '' })
    expect(stage.said.stdout).toContain('fetch passed')
  })

  test('takes the place of one that has left its FIFOs', async () => {
    const machine = bootIn(hostname)
    const first = await machine.warm()
    expect(machine.run('fetch').status).toBe(0)
    first.child.kill('SIGKILL')
    await first.ended
    renameSync(machine.mailbox, `${machine.mailbox}.old`)
    writeFileSync(`${machine.mailbox}.new`, 'in the way')
    await machine.warm()
    expect(machine.run('fetch').status).toBe(0)
    expect(existsSync(join(machine.mailbox, 'fetch.claim'))).toBe(true)
  })

  test('does nothing for a unit that sees other mounts', async () => {
    const machine = bootIn(hostname)
    const { child } = await machine.warm()
    const root = process.getuid?.() === 0 ? [] : ['--map-root-user']
    const { status, stderr } = spawnSync('unshare', [...root, '--mount', ...machine.command('fetch')], {
      env: { ...machine.env, PATH: process.env['PATH'] ?? '' },
      cwd: '/',
      encoding: 'utf8',
    })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    child.kill('SIGTERM')
  })
})
