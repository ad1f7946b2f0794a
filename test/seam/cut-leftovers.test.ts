import nodeFs, { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createFiles } from '../../src/system/real-files.ts'
import { scratchDirectory } from '../helpers/scratch.ts'

const open = (fs = nodeFs) => createFiles({ fs, syncFilesystem: () => undefined, lockFile: () => undefined })

describe('what a process that was cut off has left', () => {
  test('goes when the next one writes there, and nothing else does', () => {
    const at = scratchDirectory()
    writeFileSync(join(at, '.firstlight-77-1a2b3c'), 'half')
    symlinkSync('/nowhere', join(at, '.firstlight-77-2'))
    mkdirSync(join(at, '.firstlight-77-3'))
    writeFileSync(join(at, '.firstlight-kept'), "a name that is nobody else's")
    const files = open()
    const pending = files.create(join(at, 'slow'))
    files.write(join(at, 'quick'), 'x', { mode: 0o644 })
    pending.commit({ mode: 0o644 })
    expect(readdirSync(at).sort()).toEqual(['.firstlight-kept', 'quick', 'slow'])
  })
})

test('what does not fit at the end of a file is taken back', () => {
  const path = join(scratchDirectory(), 'log')
  writeFileSync(path, 'before\n')
  let room = 4
  const full: typeof nodeFs.writeSync = (descriptor: number, data: unknown, offset?: unknown) => {
    if (room === 0)
      throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
    const taken = nodeFs.writeSync(descriptor, data as Uint8Array, offset as number, room)
    room = 0
    return taken
  }
  const files = open({ ...nodeFs, writeSync: full })
  expect(() => files.append(path, 'twelve bytes')).toThrow('ENOSPC')
  expect(readFileSync(path, 'utf8')).toBe('before\n')
})
