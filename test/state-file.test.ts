import { expect, test } from 'vitest'
import { describeFailure } from '../src/commands/failure.ts'
import { Secret } from '../src/secret.ts'
import { emptyState, type State } from '../src/state.ts'
import { readState, writeState } from '../src/state-file.ts'
import { fakeSystem } from './helpers/fake-system.ts'

test('no file is an empty state', () => {
  expect(readState(fakeSystem(), '/run/ignition/state')).toEqual(emptyState)
})

test('what was written is read again, for root only', () => {
  const system = fakeSystem()
  const state: State = {
    ...emptyState,
    fetchedConfigs: [{ kind: 'user', source: 'qemu', referenced: false }],
    luksPersistKeyFiles: { root: new Secret('data:,not-a-real-key') },
    notatedDirectories: ['/var'],
  }
  writeState(system, { path: '/run/ignition/state', state })
  const read = readState(system, '/run/ignition/state')
  expect(read).toEqual(state)
  expect(read.luksPersistKeyFiles?.['root']?.reveal()).toBe('data:,not-a-real-key')
  // the one place where it is written out
  expect(system.files.readText('/run/ignition/state')).toContain('"root":"data:,not-a-real-key"')
  expect(JSON.stringify(read)).not.toContain('not-a-real-key')
  expect(system.files.stat('/run/ignition/state')?.mode).toBe(0o600)
  expect(system.files.stat('/run/ignition')?.mode).toBe(0o700)
})

test('a file that says the same is left alone, unless others may read it', () => {
  const system = fakeSystem()
  const inodeAfterWriting = (notatedDirectories: readonly string[]) => {
    writeState(system, { path: '/s', state: { ...emptyState, notatedDirectories } })
    return system.files.stat('/s')?.inode
  }
  const first = inodeAfterWriting(['/var'])
  expect(inodeAfterWriting(['/var'])).toBe(first)
  const second = inodeAfterWriting(['/srv'])
  expect(second).not.toBe(first)
  system.files.chmod('/s', 0o644)
  expect(inodeAfterWriting(['/srv'])).not.toBe(second)
  expect(system.files.stat('/s')?.mode).toBe(0o600)
})

test('the empty state in the reference’s words', () => {
  const system = fakeSystem()
  writeState(system, { path: '/s', state: emptyState })
  expect(system.files.readText('/s')).toBe(
    '{"fetchedConfigs":null,"luksPersistKeyFiles":null,"notatedDirectories":null,"providerOutputFiles":null,"luksPersistVolumeKeyFiles":null}\n',
  )
})

test.each(['', '{', 'null', '[1'])('a damaged file is named: %j', (text) => {
  const system = fakeSystem({ files: { '/s': text } })
  expect(() => readState(system, '/s')).toThrow(
    expect.objectContaining({ code: 'FL_STATE_UNREADABLE', message: 'cannot read the state file "/s"' }),
  )
})

test('a broken state does not show what is in it', () => {
  const system = fakeSystem({ files: { '/run/state': '{"luksPersistKeyFiles":{"a":"data:,s3cret"} x}' } })
  try {
    readState(system, '/run/state')
    expect.unreachable()
  } catch (error) {
    expect(describeFailure(error)).toMatch(/cannot read the state file.*it is not JSON/)
    expect(describeFailure(error)).not.toContain('s3cret')
  }
})

test('keys that are replaced are overwritten, not only given back', () => {
  const system = fakeSystem()
  const path = '/run/ignition/state'
  const state = { ...emptyState, luksPersistKeyFiles: { root: new Secret('data:,not-a-real-key') } }
  writeState(system, { path, state })
  system.files.hardLink(path, '/run/ignition/other')
  writeState(system, { path, state: emptyState })
  expect(system.files.readText('/run/ignition/other')).toMatch(/^\0+$/)
  expect(system.files.list('/run/ignition')).toEqual(['other', 'state'])
  // without any there is nothing to overwrite
  system.files.hardLink(path, '/run/ignition/plain')
  writeState(system, { path, state })
  expect(system.files.readText('/run/ignition/plain')).toContain('fetchedConfigs')
})
