import { expect, test } from 'vitest'
import { readPlatform } from '../../src/platforms/read.ts'
import { createFetcher } from '../../src/resources/fetch.ts'
import { type FakeOptions, fakeSystem } from '../helpers/fake-system.ts'

const HEADER = 'ORIGINID FILE CLASS RECORDS  CPY HOLD DATE  TIME     NAME      TYPE     DIST\n'
const line = (spool: string, type: string) =>
  `MAINT    ${spool} A PUN 00000007 001 NONE 11/20 12:00:00 config    ${type} X\n`

/** A card reader with one list; every spool file holds its own id. */
function start(
  list: string,
  more: (program: string, args: readonly string[], attempt: number) => number = () => 0,
) {
  const attempts = new Map<string, number>()
  const programs: FakeOptions['programs'] = ({ program, args }, files) => {
    const attempt = (attempts.get(program) ?? 0) + 1
    attempts.set(program, attempt)
    const exitCode = more(program, args, attempt)
    if (exitCode !== 0) return { exitCode, stderr: 'failed' }
    if (program !== 'vmur') return {}
    if (args[0] === 'li') return { stdout: list }
    files.write(args[3] ?? '', `spool ${args[2]}\0\0`, { mode: 0o600 })
    return {}
  }
  const system = fakeSystem({ programs })
  const fetcher = createFetcher({ system, offline: true })
  return { system, answer: readPlatform({ system, fetcher, platform: 'zvm' }) }
}

const text = async (answer: ReturnType<typeof start>['answer']) => {
  const given = await answer
  return given.kind === 'found' ? new TextDecoder().decode(given.bytes) : given.kind
}

test.each([
  [
    'the first of the right type',
    HEADER + line('0010', 'IGN') + line('0011', 'ign') + line('0012', 'ign'),
    'spool 0011',
  ],
  ['no file', HEADER, 'empty'],
  ['nothing at all', '', 'empty'],
  ['what follows an empty line does not count', `${HEADER}\n${line('0011', 'ign')}`, 'empty'],
  ['short lines are passed over', `${HEADER}a b c\n${line('0011', 'ign')}`, 'spool 0011'],
])('%s', async (_, list, expected) => {
  const { system, answer } = start(list)
  expect(await text(answer)).toBe(expected)
  expect(system.files.list('/tmp')).toEqual([])
})

test('the programs, in order', async () => {
  const { system, answer } = start(HEADER + line('0011', 'ign'))
  await answer
  expect(system.runs.map(({ program, args }) => [program, ...args.slice(0, 3)].join(' '))).toEqual([
    'modprobe vmur',
    'chccwdev -e 000c',
    'udevadm settle',
    'vmur li',
    'vmur re -f 0011',
  ])
})

test('a device that the kernel ignores is made visible', async () => {
  const fails = (program: string, _: readonly string[], attempt: number) =>
    program === 'chccwdev' && attempt === 1 ? 1 : 0
  const { system, answer } = start(HEADER + line('0011', 'ign'), fails)
  expect(await text(answer)).toBe('spool 0011')
  expect(system.runs.slice(1, 4).map(({ program, args }) => [program, ...args].join(' '))).toEqual([
    'chccwdev -e 000c',
    'cio_ignore -r 000c',
    'chccwdev -e 000c',
  ])
})

test.each(['modprobe', 'chccwdev', 'udevadm', 'vmur'])('%s fails', async (failing) => {
  const { answer } = start(HEADER, (program) => (program === failing ? 1 : 0))
  await expect(answer).rejects.toMatchObject({ code: 'FL_PROGRAM' })
})

test('a spool file that cannot be received', async () => {
  const { system, answer } = start(HEADER + line('0011', 'ign'), (_, args) => (args[0] === 're' ? 1 : 0))
  await expect(answer).rejects.toMatchObject({ code: 'FL_PROGRAM' })
  expect(system.files.list('/tmp')).toEqual([])
})
