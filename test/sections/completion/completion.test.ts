import { expect, test } from 'vitest'
import type { EarlierWork } from '../../../src/section.ts'
import { completion } from '../../../src/sections/completion/index.ts'
import { unfinishedMark } from '../../../src/sections/luks/plan.ts'
import { fakeSystem } from '../../helpers/fake-system.ts'
import { provision, stage } from '../../helpers/stage.ts'

/** A LUKS2 header as far as its subsystem. */
const header = (subsystem: string) =>
  Buffer.concat([Buffer.alloc(208), Buffer.from(subsystem), Buffer.alloc(64)])

const copy = '/sysroot/etc/.firstlight-accounts'

const setUp = (earlier: EarlierWork) => {
  const system = fakeSystem({
    files: {
      '/dev/sda': { block: header(unfinishedMark) },
      '/dev/sdb': { block: header('') },
      '/dev/sdc': { block: Buffer.alloc(10) },
      [`${copy}/passwd`]: 'x',
    },
  })
  const luks = ['sda', 'sdb', 'sdc', 'missing'].map((name) => ({ name, device: `/dev/${name}`, label: 'L' }))
  const context = stage({ system, config: { storage: { luks } }, earlier })
  return { system, context }
}

const passed = (over: EarlierWork['over']): EarlierWork => ({ look: () => ({ kind: 'none' }), over })

test('finishes what is marked, and removes the copy of the account files', async () => {
  const { system, context } = setUp(passed('everything'))
  await provision(context, completion)
  expect(system.runs.map(({ args }) => args.join(' '))).toEqual(['config /dev/sda --label L --subsystem '])
  expect(system.files.stat(copy)).toBeUndefined()
})

test('finishes volumes that the journal knows, and no more, when a stage still comes', async () => {
  const knows = (known: string): EarlierWork => ({
    look: (claim) =>
      claim.startsWith(`luks ${known} on `) ? { kind: 'begun', before: undefined } : { kind: 'none' },
    over: 'volumes',
  })
  const other = setUp(knows('sdb'))
  await provision(other.context, completion)
  expect(other.system.runs).toEqual([])
  const { system, context } = setUp(knows('sda'))
  await provision(context, completion)
  expect(system.runs.map(({ args }) => args[0])).toEqual(['config'])
  expect(system.files.stat(copy)).toBeDefined()
})

test('touches nothing while the files are not written', async () => {
  const { system, context } = setUp(passed('nothing'))
  await provision(context, completion)
  expect(system.runs).toEqual([])
  expect(system.files.stat(copy)).toBeDefined()
})
