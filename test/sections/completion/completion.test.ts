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

const passed = (isWritten: boolean): EarlierWork => ({ look: () => ({ kind: 'none' }), isWritten })

test('finishes what is marked, and removes the copy of the account files', async () => {
  const { system, context } = setUp(passed(true))
  await provision(context, completion)
  expect(system.runs.map(({ args }) => args.join(' '))).toEqual(['config /dev/sda --label L --subsystem '])
  expect(system.files.stat(copy)).toBeUndefined()
})

test('touches nothing while the files are not written', async () => {
  const { system, context } = setUp(passed(false))
  await provision(context, completion)
  expect(system.runs).toEqual([])
  expect(system.files.stat(copy)).toBeDefined()
})
