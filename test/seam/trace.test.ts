import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, lstatSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readTrace, type TraceSpan } from '../../src/trace/read.ts'
import { finish, scratchMachine, stageArguments } from '../helpers/ignition.ts'
import { serve } from '../helpers/server.ts'

const main = join(import.meta.dirname, '../../src/main.ts')

/** A scratch machine that is provisioned from the sources, with a trace. */
function tracedMachine(storage: object) {
  const machine = scratchMachine(JSON.stringify({ ignition: { version: '3.4.0' }, storage }))
  const { directory, root, environment } = machine
  const trace = join(directory, 'run/trace.json')
  const command = (stage: string, path = trace) => {
    const flags = stageArguments(directory, stage, root).map((flag) => flag.replace(/^-(?=\w)/, '--'))
    const [, ...others] = flags.filter(
      (_, index) => flags[index - 1] !== '--stage' && flags[index] !== '--stage',
    )
    return [process.execPath, main, 'stage', stage, '--platform', ...others, '--trace', path] as const
  }
  return {
    ...machine,
    trace,
    command,
    run: (stage: string, path?: string) => finish(command(stage, path), environment, directory),
  }
}

/** Spans and all that lie in them. */
const allOf = (spans: readonly TraceSpan[]): readonly TraceSpan[] =>
  spans.flatMap((span) => [span, ...allOf(span.children)])

const stages = ['fetch-offline', 'kargs', 'disks', 'mount', 'files', 'umount']

test('every stage of a boot adds to one trace, on one clock; the new root has a copy', async () => {
  const origin = await serve((_, response) => setTimeout(() => response.end('x'), 200))
  const files = Array.from({ length: 8 }, (_, index) => ({
    path: `/f${index}`,
    contents: { source: `${origin}/${index}?token=canary` },
  }))
  const { trace, run, root, directory, environment } = tracedMachine({ files })
  for (const stage of stages) expect(await run(stage)).toMatchObject({ exitCode: 0 })

  const text = readFileSync(trace, 'utf8')
  // as viewers of the format take it: an array that is not closed
  expect(JSON.parse(`${text.trim().replace(/,$/, '')}]`)).toBeInstanceOf(Array)
  expect(text).not.toContain('canary')
  const processes = readTrace(text)
  expect(processes.map(({ name, isOpen }) => [name, isOpen])).toEqual(stages.map((name) => [name, false]))
  const uptime = Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0])
  const times = processes.flatMap(({ begun, ended }) => [begun, ended])
  expect(times).toEqual(times.toSorted((a, b) => a - b))
  expect(Math.abs((times.at(-1) ?? 0) - uptime)).toBeLessThan(60)
  const fetches = processes.flatMap(({ spans }) => allOf(spans)).filter(({ kind }) => kind === 'fetch')
  expect(new Set(fetches.map(({ lane }) => lane)).size).toBe(8)

  const kept = join(root, 'var/log/firstlight/trace.json')
  for (const path of [trace, kept]) expect(lstatSync(path).mode & 0o7777).toBe(0o600)
  expect(readTrace(readFileSync(kept, 'utf8')).map(({ name }) => name)).toEqual(stages.slice(0, -1))

  const blame = await finish([process.execPath, main, 'blame', kept], environment, directory)
  expect(blame).toMatchObject({
    exitCode: 0,
    output: expect.stringMatching(/^ +[\d.]+m?s {2}\w+ +http:/m) as string,
  })
  const json = await finish([process.execPath, main, 'blame', '--json', trace], environment, directory)
  expect(JSON.parse(json.output)).toMatchObject({ version: 1, stages: stages.map((name) => ({ name })) })
})

test('a killed stage leaves what it was doing, and the next one goes on behind it', async () => {
  const origin = await serve(() => undefined)
  const { trace, command, run, directory, environment } = tracedMachine({
    files: [{ path: '/f', contents: { source: `${origin}/never` } }],
  })
  await run('fetch-offline')
  const [program, ...args] = command('files')
  const child = spawn(program, args, { cwd: directory, env: environment, stdio: 'ignore' })
  await expect
    .poll(() => readFileSync(trace, 'utf8'), { timeout: 20_000 })
    .toContain('"ph":"B","cat":"fetch"')
  child.kill('SIGKILL')
  await once(child, 'close')
  // what a full memory leaves of a line
  writeFileSync(trace, '{"ph":"X","cat":"st', { flag: 'a' })
  await run('umount')
  const [, files, umount] = readTrace(readFileSync(trace, 'utf8'))
  expect(files).toMatchObject({ name: 'files', isOpen: true })
  expect(JSON.stringify(files?.spans)).toMatch(/"kind":"fetch","name":"[^"]*never"[^}]*\}?[^}]*"isOpen":true/)
  expect(umount).toMatchObject({ name: 'umount', isOpen: false })
})

test.each([
  ['a link', (path: string) => symlinkSync('/etc/hostname', path), 'ELOOP'],
  ['a device', (path: string) => symlinkSync('/dev', path), 'not a regular file'],
  ['a file where its directory would be', (path: string) => writeFileSync(path, ''), 'E'],
])('%s instead of the trace is no reason to fail', async (what, make, reason) => {
  const { directory, run, root } = tracedMachine({ files: [{ path: '/f', contents: { source: 'data:,x' } }] })
  const place = join(directory, 'place')
  make(place)
  const path = what === 'a link' ? place : join(place, what === 'a device' ? 'full' : 'trace.json')
  await run('fetch-offline', path)
  const { exitCode, output } = await run('files', path)
  expect(exitCode).toBe(0)
  expect(output.match(/no more boot trace/g)).toHaveLength(1)
  expect(output).toContain(reason)
  expect(existsSync(join(root, 'f'))).toBe(true)
  expect(existsSync(join(root, 'var/log/firstlight'))).toBe(false)
})

test('outside an initramfs there is no trace unless it is asked for', async () => {
  const { directory, run } = tracedMachine({})
  expect(await run('fetch-offline', '')).toMatchObject({ exitCode: 0 })
  expect(await run('fetch-offline', 'none')).toMatchObject({ exitCode: 0 })
  expect(existsSync(join(directory, 'run/firstlight/trace.json'))).toBe(false)
  expect(existsSync('/run/firstlight/trace.json')).toBe(false)
})
