import { describe, expect, test } from 'vitest'
import type { IgnitionError } from '../../src/errors.ts'
import { usesNetwork } from '../../src/platforms/source.ts'
import { platformIds, platforms } from '../../src/platforms/table.ts'
import { type Emulator, type Exchange, emulate, type Misbehave } from '../helpers/emulator.ts'
import { atFirst, circular, failing, saying, silent, slow, stalled, truncated } from '../helpers/faults.ts'
import { leavesOf } from '../helpers/leaves.ts'
import { acquire, CONFIG, caseOf, hastyMachineOf } from '../helpers/platform-case.ts'

/** Every platform that asks a server, from the table: a new one is in every test below. */
const asking = platformIds.filter((id) => usesNetwork(platforms[id] ?? { kind: 'none' }))
const isRace = (platform: string) => platforms[platform]?.kind === 'race'
const urlsOf = (platform: string) => exchangesOf(platform).map(({ request: { url } }) => url)
const exchangesOf = (platform: string): readonly Exchange[] => caseOf(platform).exchanges ?? []

test('every platform that asks a server has a recorded answer, and no other', () => {
  expect(platformIds.filter((id) => exchangesOf(id).length > 0)).toEqual(asking)
})

interface Ended {
  /** Configs that were used. */
  readonly used: readonly string[]
  readonly error: Partial<IgnitionError>
  readonly emulator: Emulator
}

interface Trial {
  readonly platform: string
  readonly misbehaviour: (exchange: Exchange) => Misbehave | undefined
  readonly haste?: number
  readonly timeoutSeconds?: number
}

/**
 * Gets the config from servers that misbehave. Where the platform has a drive besides, the error is that of the servers
 * that dropped out; the drive comes when all have, and must be taken.
 */
async function outcomeOf({ platform, misbehaviour, haste = 1, timeoutSeconds = 0 }: Trial): Promise<Ended> {
  const given = caseOf(platform)
  const emulator = await emulate(given.exchanges ?? [], misbehaviour)
  const [drive] = leavesOf(platforms[platform]).filter((leaf) => leaf.kind === 'drive')
  const onDrive = drive && { label: drive.label, files: { [drive.paths[0] ?? '']: CONFIG } }
  const machine = hastyMachineOf({ ...given, ...(onDrive && { drive: onDrive }) }, emulator, haste)
  const { files, messages } = machine.fake
  if (drive) files.remove(`/dev/disk/by-label/${drive.label}`)
  const drops = () => messages.filter(({ message }) => message.includes('dropped out'))
  let isOver = false
  const ending = acquire(platform, machine, timeoutSeconds).finally(() => {
    isOver = true
  })
  const ended = ending.then(
    ({ fetched }) => ({ used: fetched.map(({ source }) => source), error: {} }),
    (error: IgnitionError) => ({ used: [], error }),
  )
  while (drive && !isOver) {
    if (drops().length === exchangesOf(platform).length)
      files.write(`/dev/disk/by-label/${drive.label}`, '', { mode: 0o600 })
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  const { used, error } = await ended
  const dropped = drops()
    .map(({ message }) => message)
    .join(' | ')
  return { used, error: dropped === '' ? error : { code: 'FL_FETCH', message: dropped }, emulator }
}

/** One trial for each request that a platform makes; where they race, one for all at once. */
const trialsOf = (platform: string, misbehave: Misbehave): Trial[] =>
  isRace(platform)
    ? [{ platform, misbehaviour: () => misbehave }]
    : exchangesOf(platform).map(({ request: { url } }) => ({
        platform,
        misbehaviour: ({ request }) => (request.url === url ? misbehave : undefined),
      }))

const endings = async (trials: readonly Trial[], rest: Partial<Trial> = {}) =>
  Promise.all(trials.map(async (trial) => outcomeOf({ ...trial, ...rest })))

/** Pauses are short, and nothing is given up. */
const brisk = { haste: 10 }

/** A fetch that would take so many seconds of a boot before it is given up, in a time that runs 150 times as fast. */
const impatient = { haste: 150, timeoutSeconds: 50 }

const endless: readonly [what: string, misbehave: Misbehave, words: RegExp][] = [
  ['silent', silent, /in time \(50 s\); the server was silent/],
  ['silent in the middle of its answer', stalled, /in time \(50 s\); the server was silent/],
  ['out of order', failing, /in time \(50 s\).*status 500 Internal Server Error/],
  ['cutting off', truncated, /in time \(50 s\).*the server closed the connection/],
]

describe.each(asking)('%s', (platform) => {
  test.each<[what: string, misbehave: Misbehave]>([
    ['slow', slow],
    ['out of order twice', atFirst(2, failing)],
    ['cut off twice', atFirst(2, truncated)],
    ['slow to be cut off once', atFirst(1, (wrong) => void setTimeout(() => truncated(wrong), 20))],
  ])('a server that is %s is waited for', async (_what, misbehave) => {
    for (const { used, error } of await endings(trialsOf(platform, misbehave), brisk))
      expect({ used, error }).toEqual({ used: [platform], error: {} })
  })

  test('a server that goes on like that is asked again until the time is over', async () => {
    const ended = endless.map(async ([what, misbehave, words]) => {
      for (const { used, error, emulator } of await endings(trialsOf(platform, misbehave), impatient)) {
        expect(error.message, what).toMatch(words)
        if (isRace(platform)) expect(used, what).toEqual([platform])
        else expect(error.code, what).toBe('FL_FETCH_TIMEOUT')
        expect(urlsOf(platform).some((url) => error.message?.includes(url))).toBe(true)
        const attempts = emulator.asked.filter((one) => one === emulator.asked.at(-1))
        if (!words.source.includes('silent')) expect(attempts.length, what).toBeGreaterThan(1)
      }
    })
    await Promise.all(ended)
  })

  test('redirects in a circle come to an end at once', async () => {
    for (const { used, error, emulator } of await endings(trialsOf(platform, circular), brisk)) {
      expect(error).toMatchObject({
        code: 'FL_FETCH',
        message: expect.stringContaining('more than 20 redirects'),
      })
      expect(used).toEqual(isRace(platform) ? [platform] : [])
      const requests = isRace(platform) ? exchangesOf(platform).length : 1
      const last = emulator.asked.at(-1)
      expect(emulator.asked.filter((one) => one === last)).toHaveLength(21)
      expect(new Set(emulator.asked).size).toBeGreaterThanOrEqual(requests)
    }
  })

  test('what is no config is an error that says where it is', async () => {
    const encoded = leavesOf(platforms[platform]).some((leaf) => leaf.kind === 'http' && leaf.encoding)
    const html = '<html>Sign in to this hotel</html>'
    const bodies = [html, '\u007fELF\0\0\u0001', ...(encoded ? [Buffer.from(html).toString('base64')] : [])]
    const urls = urlsOf(platform)
    for (const body of bodies) {
      const misbehaviour = ({ request }: Exchange) =>
        isRace(platform) || request.url === urls.at(-1) ? saying(body) : undefined
      const { used, error } = await outcomeOf({ platform, misbehaviour })
      expect({ used, code: error.code }).toEqual({ used: [], code: 'FL_CONFIG_INVALID' })
      expect(error.message).toContain(`platform ${platform}`)
      expect(urls.some((url) => error.message?.includes(url))).toBe(true)
    }
  })
})
