import { spawnSync } from 'node:child_process'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { encodeRecord, sendToJournal } from '../../src/system/journal.ts'
import { openLog } from '../../src/system/log.ts'
import { openServiceManager } from '../../src/system/service-manager.ts'
import { listenForDatagrams } from '../helpers/datagram-listener.ts'
import { scratchDirectory } from '../helpers/scratch.ts'

describe('syslog', () => {
  test('sends one datagram a message, with severity, stamp, tag and pid', () => {
    const path = `${scratchDirectory()}/log`
    const listener = listenForDatagrams(path)
    const seen: string[] = []
    const toConsole = (text: string) => void seen.push(text)
    const log = openLog({ toStdout: false, toConsole, sockets: [`${path}.missing`, path] })
    log('crit', 'files: two\nlines')
    expect(listener.receive()).toMatch(
      new RegExp(
        `^<2>[A-Z][a-z]{2} [ \\d]\\d \\d\\d:\\d\\d:\\d\\d ignition\\[${process.pid}\\]: files: two\nlines\n$`,
      ),
    )
    log('debug', 'x')
    expect(listener.receive()).toMatch(/^<7>.*: x\n$/)
    expect(listener.receive()).toBeUndefined()
    // what a person is to see while it lasts; a failure is said at the end
    log('notice', 'still waiting')
    log('warning', 'odd')
    expect(seen).toEqual(['NOTICE   : still waiting\n', 'WARNING  : odd\n'])
  })

  test('a message that is too long for a datagram arrives in pieces', () => {
    const path = `${scratchDirectory()}/log`
    const listener = listenForDatagrams(path)
    openLog({ toStdout: false, sockets: [path] })('info', 'a'.repeat(100_000))
    const received = Array.from({ length: 3 }, () => listener.receive() ?? '')
    expect(received.map((piece) => piece.replace(/^.*?: /, '').trimEnd()).join('')).toBe('a'.repeat(100_000))
    expect(listener.receive()).toBeUndefined()
  })

  test('a daemon that hangs is waited for once, not with every message, and heard of again when it takes one', () => {
    const path = `${scratchDirectory()}/log`
    const listener = listenForDatagrams(path)
    const lines: string[] = []
    const log = openLog({ toStdout: false, sockets: [path], write: (line) => lines.push(line) })
    while (lines.length === 0) log('info', 'fills the queue')
    const start = performance.now()
    for (let index = 0; index < 20; index += 1) log('info', `line ${index}`)
    expect(performance.now() - start).toBeLessThan(1000)
    expect(lines.slice(1)).toEqual(Array.from({ length: 20 }, (_, index) => `INFO     : line ${index}\n`))
    while (listener.receive() !== undefined);
    log('info', 'at last')
    expect(listener.receive()).toMatch(/: at last\n$/)
    expect(lines).toHaveLength(21)
  })

  test('nobody listens: says so and goes on with standard output', () => {
    const lines: string[] = []
    const sockets = [`${scratchDirectory()}/nobody`]
    const log = openLog({ toStdout: false, sockets, write: (line) => lines.push(line) })
    log('notice', 'hello')
    expect(lines).toEqual([
      'ERROR    : unable to open syslog: Unix syslog delivery error\n',
      'NOTICE   : hello\n',
    ])
  })
})

describe('for another process', () => {
  // who may not name another as the sender sends under its own name
  const senderOf = (pid: number) => (process.getuid?.() === 0 ? pid : process.pid)

  test('messages and records come from it', () => {
    const path = `${scratchDirectory()}/log`
    const listener = listenForDatagrams(path)
    const sender = process.ppid
    const log = openLog({ toStdout: false, sockets: [path], sender })
    log('info', 'hello')
    expect(listener.receiveSender()).toBe(senderOf(sender))
    sendToJournal({ MESSAGE: 'hello' }, { path, sender })
    expect(listener.receiveSender()).toBe(senderOf(sender))
    log('info', 'hello')
    expect(listener.receive()).toMatch(new RegExp(`ignition\\[${sender}\\]: hello\n$`))
  })

  test('messages arrive all the same when it has ended', () => {
    const path = `${scratchDirectory()}/log`
    const listener = listenForDatagrams(path)
    const { pid } = spawnSync('true')
    openLog({ toStdout: false, sockets: [path], sender: pid })('info', 'hello')
    expect(listener.receiveSender()).toBe(process.pid)
  })
})

describe('the service manager', () => {
  test('hears of the start, then again and again, and that a stage may take its time', async () => {
    const path = `${scratchDirectory()}/notify`
    const listener = listenForDatagrams(path)
    const manager = openServiceManager({ socket: path, watchdogMicroseconds: 40_000 })
    manager.ready()
    expect(listener.receive()).toBe('READY=1')
    manager.busy(true)
    expect(listener.receive()).toBe('WATCHDOG=1\nWATCHDOG_USEC=900000000')
    for (let heard = 0; heard < 2; await pause(5)) if (listener.receive() === 'WATCHDOG=1') heard += 1
    manager.busy(false)
    expect(listener.receive()).toBe('WATCHDOG=1\nWATCHDOG_USEC=40000')
  })

  test('is not missed where there is none', () => {
    openServiceManager({ socket: undefined }).ready()
    openServiceManager({ socket: `${scratchDirectory()}/nobody` }).ready()
  })
})

describe('standard output', () => {
  test('labels are nine characters and a colon', () => {
    const lines: string[] = []
    const log = openLog({ toStdout: true, write: (line) => lines.push(line) })
    for (const level of ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'] as const)
      log(level, 'm')
    expect(lines).toEqual([
      'EMERGENCY: m\n',
      'ALERT    : m\n',
      'CRITICAL : m\n',
      'ERROR    : m\n',
      'WARNING  : m\n',
      'NOTICE   : m\n',
      'INFO     : m\n',
      'DEBUG    : m\n',
    ])
  })

  test('loses nothing when the process ends at once and the reader is slow', () => {
    const program = `
      import { openLog } from ${JSON.stringify(new URL('../../src/system/log.ts', import.meta.url).href)}
      import { Socket } from 'node:net'
      new Socket({ fd: 1 }) // makes the pipe non-blocking, as any use of process.stdout does
      const log = openLog({ toStdout: true })
      for (let index = 0; index < 20000; index += 1) log('info', 'line ' + index)
      process.exit(0)
    `
    const child = spawnSync('sh', [
      '-c',
      `"$0" --input-type=module -e "$1" | { sleep 0.2; cat; }`,
      process.execPath,
      program,
    ])
    const lines = child.stdout.toString().trimEnd().split('\n')
    expect(lines.length).toBe(20000)
    expect(lines.at(-1)).toBe('INFO     : line 19999')
  })
})

describe('journal', () => {
  test('sends fields in the native form, values of several lines with their length', () => {
    const path = `${scratchDirectory()}/socket`
    const listener = listenForDatagrams(path)
    sendToJournal({ MESSAGE: 'a\nb', PRIORITY: '6' }, { path })
    expect(listener.receive()).toBe('MESSAGE\n\u0003\0\0\0\0\0\0\0a\nb\nPRIORITY=6\n')
  })

  test('counts bytes, not characters', () => {
    expect(encodeRecord({ A: 'ü\n' }).readBigUInt64LE(2)).toBe(3n)
  })

  test('is silent when there is no journal', () => {
    sendToJournal({ MESSAGE: 'x' }, { path: `${scratchDirectory()}/nobody` })
  })
})
