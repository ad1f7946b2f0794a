import { chmodSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { Secret } from '../../src/secret.ts'
import type { LogLevel, System } from '../../src/system/system.ts'
import { fakeSystem } from '../helpers/fake-system.ts'
import { plainRequest, realSystem, textOf } from '../helpers/real-system.ts'
import { scratchDirectory } from '../helpers/scratch.ts'
import { serve } from '../helpers/server.ts'

interface Subject {
  readonly system: System
  readonly messages: { readonly level: LogLevel; readonly message: string }[]
  /** Where a server answers 201 with header `X-Answer: yes` and body `hello`. */
  readonly origin: string
}

/** Both know `groupadd` (prints its arguments), `groupmod` (fails with 4) and no other program. */
const implementations: Record<string, () => Promise<Subject>> = {
  async real() {
    const path = scratchDirectory()
    const install = (name: string, script: string) => {
      writeFileSync(`${path}/${name}`, `#!/bin/sh\n${script}\n`)
      chmodSync(`${path}/${name}`, 0o755)
    }
    install('groupadd', 'echo "$@"; echo "$VARIABLE" >&2')
    install('groupmod', 'echo out; echo err >&2; exit 4')
    const origin = await serve((_request, response) => {
      response.writeHead(201, { 'X-Answer': 'yes' })
      response.end('hello')
    })
    return { ...realSystem({ PATH: path, VARIABLE: 'value', EMPTY: '' }), origin }
  },
  async fake() {
    const system = fakeSystem({
      environment: { VARIABLE: 'value', EMPTY: '' },
      programs({ program, args }) {
        if (program === 'groupadd') return { stdout: `${args.join(' ')}\n`, stderr: 'value\n' }
        return program === 'groupmod' ? { exitCode: 4, stdout: 'out\n', stderr: 'err\n' } : undefined
      },
      server: () => ({ status: 201, headers: { 'x-answer': 'yes' }, body: 'hello' }),
    })
    return { system, messages: system.messages, origin: 'http://127.0.0.1:1' }
  },
}

describe.each(Object.entries(implementations))('System, %s', (_name, start) => {
  test('a program answers with its output', async () => {
    const { system, messages } = await start()
    expect(await system.run('groupadd', ['a', 'b'])).toEqual({
      exitCode: 0,
      stdout: 'a b\n',
      stderr: 'value\n',
    })
    expect(messages).toEqual([{ level: 'debug', message: 'executing: "groupadd" "a" "b"' }])
  })

  test('a described program is an operation', async () => {
    const { system, messages } = await start()
    const failing = system.scoped('files').run('groupmod', ['x'], { description: 'changing group "x"' })
    await expect(failing).rejects.toMatchObject({ code: 'FL_PROGRAM' })
    await expect(failing).rejects.toThrow(/^exit status 4: Cmd: "groupmod"/)
    expect(messages.map(({ level }) => level)).toEqual(['info', 'debug', 'crit'])
    expect(messages[0]?.message).toBe('files: op(1): [started]  changing group "x"')
    expect(messages[1]?.message).toBe('files: op(1): executing: "groupmod" "x"')
    expect(messages[2]?.message).toMatch(
      /^files: op\(1\): \[failed\] {3}changing group "x": exit status 4: Cmd: /,
    )
  })

  test('the error of a failed program names command and output, and hides its secrets', async () => {
    const { system, messages } = await start()
    const run = system.run('groupmod', ['--password', new Secret('err'), 'core'])
    await expect(run).rejects.toThrow(
      'exit status 4: Cmd: "groupmod" "--password" "<secret>" "core" Stdout: "out\\n" Stderr: "<secret>\\n"',
    )
    expect(messages).toEqual([
      { level: 'debug', message: 'executing: "groupmod" "--password" "<secret>" "core"' },
    ])
    await expect(system.run('groupdel', [])).rejects.toThrow(
      /^exec: "groupdel": executable file not found in \$PATH: .*"passwd"/,
    )
  })

  test('exit codes may be answers, and a missing program has its own code', async () => {
    const { system } = await start()
    expect(await system.run('groupmod', [], { accept: [0, 4] })).toMatchObject({
      exitCode: 4,
      stdout: 'out\n',
    })
    await expect(system.run('groupadd', [], { accept: [4] })).rejects.toMatchObject({ code: 'FL_PROGRAM' })
    await expect(system.run('groupdel', [])).rejects.toMatchObject({ code: 'FL_PROGRAM_MISSING' })
  })

  test('work side by side keeps its own prefixes, and operations count on in hexadecimal', async () => {
    const { system, messages } = await start()
    const stage = system.scoped('disks')
    await Promise.all(
      Array.from({ length: 11 }, (_, index) =>
        stage.operation(`work ${index}`, async (inner) => {
          await inner.sleep(1, 'server')
          inner.log('notice', `in ${index}`)
          await inner.operation(`deeper ${index}`, () => undefined)
        }),
      ),
    )
    const texts = messages.map(({ message }) => message)
    expect(texts).toContain('disks: op(b): [started]  work 10')
    expect(texts).toContain('disks: op(b): in 10')
    expect(texts).toContain('disks: op(b): [finished] work 10')
    expect(texts.some((text) => /^disks: op\(b\): op\([\da-f]+\): \[finished\] deeper 10$/.test(text))).toBe(
      true,
    )
    expect(texts.some((text) => /^disks: op\(1\): op\([\da-f]+\): \[started\] {2}deeper 0$/.test(text))).toBe(
      true,
    )
  })

  test('an operation hands out its result and its error', async () => {
    const { system } = await start()
    expect(await system.operation('x', () => 42)).toBe(42)
    const error = new Error('broken')
    await expect(system.operation('x', () => Promise.reject(error))).rejects.toBe(error)
  })

  test('requests', async () => {
    const { system, origin } = await start()
    const { status, headers, body } = await system.request(plainRequest(origin))
    expect({ status, answer: headers['x-answer'], text: await textOf(body) }).toEqual({
      status: 201,
      answer: 'yes',
      text: 'hello',
    })
    const signal = AbortSignal.abort(new Error('too late'))
    await expect(system.request(plainRequest(origin, { signal }))).rejects.toThrow('too late')
  })

  test('clock, sleep, random bytes, environment', async () => {
    const { system } = await start()
    const [time, tick] = [system.now().getTime(), system.monotonic()]
    await system.sleep(20, 'server')
    expect(system.monotonic() - tick).toBeGreaterThanOrEqual(19)
    expect(system.now().getTime()).toBeGreaterThan(time)
    const controller = new AbortController()
    const sleeping = system.sleep(3_600_000, 'server', controller.signal)
    controller.abort()
    await expect(sleeping).rejects.toThrow()
    expect(system.random(16)).toHaveLength(16)
    expect(system.environment('VARIABLE')).toBe('value')
    expect(system.environment('EMPTY')).toBeUndefined()
    expect(system.environment('MISSING')).toBeUndefined()
  })

  test('a device that is not there, and a processor with a name', async () => {
    const { system } = await start()
    const { openDevice } = await system.openHypervisor()
    expect(() => openDevice('/dev/none')).toThrow(
      expect.objectContaining({ code: 'ENOENT', syscall: 'open' }),
    )
    expect(system.architecture).toMatch(/^[a-z\d]+$/)
  })
})
