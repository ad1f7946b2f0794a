import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { StageName } from '../../src/stages.ts'
import type { System } from '../../src/system/system.ts'
import { chanceOf, cutSeed } from '../helpers/chance.ts'
import { describeTree } from '../helpers/describe-tree.ts'
import { bootFiles, copyMachine, type FilesMachine, makeFilesMachine } from '../helpers/files-machine.ts'
import { type Observer, observed } from '../helpers/observed-system.ts'
import { listen } from '../helpers/server.ts'

/** Besides one cut before every change: runs that are cut two or three times, and processes that are killed. */
const repeatedCuts = 70
const kills = 45

const scratch = mkdtempSync(join(tmpdir(), 'firstlight-cuts-'))
afterAll(() => rmSync(scratch, { recursive: true }))

const newScratch = () => mkdtempSync(join(scratch, 'machine-'))

const server = createServer((_request, response) => response.end('from afar\n'))
afterAll(() => server.close())
let origin = ''

type Before = Observer['before']

const boot = async (
  machine: FilesMachine,
  before: Before = () => undefined,
  stages?: readonly StageName[],
) => {
  const lines: string[] = []
  const observer: Observer = { lasts: (path) => path.startsWith(machine.root), before }
  const wrap = (system: System) => observed(system, observer)
  const log = (line: string) => void lines.push(line)
  await bootFiles({ machine, origin, wrap, log, ...(stages && { stages }) }).catch((error: unknown) => {
    throw new Error(`${String(error)}\n${lines.slice(-5).join('\n')}`, { cause: error })
  })
}

/** Runs until the power fails before a change, and tells whether it did: what comes after that has no effect. */
async function bootUntil(
  machine: FilesMachine,
  index: number,
  stages?: readonly StageName[],
): Promise<boolean> {
  let isOff = false
  const cut: Before = (point) => {
    isOff ||= point.index >= index
    if (isOff) throw new Error(`the power is off: ${point.before}`)
  }
  await boot(machine, cut, stages).catch(() => undefined)
  return isOff
}

let delivered: FilesMachine
let wanted: readonly string[]
let changes: readonly string[]

beforeAll(async () => {
  delivered = makeFilesMachine(newScratch())
  const reference = copyMachine(delivered, newScratch())
  const seen: string[] = []
  origin = `http://127.0.0.1:${await listen(server)}`
  await boot(reference, ({ before }) => void seen.push(before.replaceAll(reference.root, '')))
  changes = seen
  wanted = describeTree(reference.root)
})

describe(`a new root whose provisioning is cut off (FIRSTLIGHT_CUT_SEED=${cutSeed})`, () => {
  test('nothing of Firstlight is in the root that was not', () => {
    expect(wanted.filter((line) => line.includes('firstlight'))).toEqual([])
    expect(changes.length).toBeGreaterThan(60)
  })

  test('before every change: the next run ends as if nothing had been', { timeout: 600_000 }, async () => {
    for (const [index, change] of changes.entries()) {
      const machine = copyMachine(delivered, newScratch())
      expect(await bootUntil(machine, index), change).toBe(true)
      await boot(machine)
      expect(describeTree(machine.root), `after a cut before ${change}`).toEqual(wanted)
    }
  })

  test('by a stage that runs for itself: nothing is left, and a cut is taken up again', {
    timeout: 600_000,
  }, async () => {
    const alone = ['files'] as const
    const whole = copyMachine(delivered, newScratch())
    const seen: string[] = []
    await boot(whole, ({ before }) => void seen.push(before), alone)
    expect(describeTree(whole.root)).toEqual(wanted)
    for (const [index, change] of seen.entries()) {
      const machine = copyMachine(delivered, newScratch())
      expect(await bootUntil(machine, index, alone), change).toBe(true)
      await boot(machine, undefined, alone)
      expect(describeTree(machine.root), `after a cut before ${change}`).toEqual(wanted)
    }
  })

  test('again and again', { timeout: 600_000 }, async () => {
    const chance = chanceOf(cutSeed)
    for (let count = 0; count < repeatedCuts; ) {
      const machine = copyMachine(delivered, newScratch())
      const cuts: number[] = []
      let isOver = false
      while (!isOver && cuts.length < 3) {
        cuts.push(Math.trunc(chance() * changes.length))
        isOver = !(await bootUntil(machine, cuts.at(-1) ?? 0))
      }
      if (!isOver) await boot(machine)
      expect(describeTree(machine.root), `after cuts before ${cuts.join(', ')}`).toEqual(wanted)
      count += cuts.length
    }
  })

  test('by killing the process and all that it has started', { timeout: 600_000 }, async () => {
    const chance = chanceOf(cutSeed)
    const start = ({ root, run }: FilesMachine) =>
      spawn(process.execPath, [join(import.meta.dirname, 'cuts.child.ts'), root, run, origin], {
        detached: true,
        stdio: ['ignore', 'ignore', 'pipe'],
      })
    const whole = start(copyMachine(delivered, newScratch()))
    const started = performance.now()
    const [code] = await once(whole, 'exit')
    expect(code).toBe(0)
    const milliseconds = performance.now() - started
    for (let count = 0; count < kills; count++) {
      const machine = copyMachine(delivered, newScratch())
      const child = start(machine)
      const exit = once(child, 'exit')
      const delay = milliseconds * (0.2 + 0.8 * chance())
      await Promise.race([exit, pause(delay)])
      if (child.exitCode === null && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
      await exit
      // one that is killed when all is done has only not said so yet: its flag would go now
      const isOver = describeTree(machine.root).join('\n') === wanted.join('\n')
      if (!isOver) await boot(machine)
      expect(describeTree(machine.root), `killed after ${delay} ms of ${milliseconds}`).toEqual(wanted)
    }
  })
})
