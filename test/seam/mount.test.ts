import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { scratchDirectory } from '../helpers/scratch.ts'

const libc = new URL('../../src/system/libc.ts', import.meta.url).href

/** Runs a program in a mount namespace of its own, so that this machine's mounts stay as they are. */
function inNamespace(program: string): string {
  const script = `import { readFileSync } from 'node:fs'\nimport { mount, unmount } from '${libc}'\n${program}`
  const args = [
    '--mount',
    process.execPath,
    '--disable-warning=ExperimentalWarning',
    '--input-type=module',
    '-e',
    script,
  ]
  const child = spawnSync('unshare', args, { encoding: 'utf8' })
  expect(child.stderr).toBe('')
  return child.stdout
}

test('mounts with flags and options, and unmounts', () => {
  const target = scratchDirectory()
  const output = inNamespace(`
    const shown = () => readFileSync('/proc/self/mounts', 'utf8').split('\\n').find((line) => line.includes('${target}')) ?? 'nothing'
    mount({ source: 'scratch', target: '${target}', type: 'tmpfs', flags: ['ro', 'nosuid', 'nodev', 'noexec', 'noatime'], data: 'size=64k,mode=0710' })
    console.log(shown())
    unmount('${target}')
    console.log(shown())
  `)
  const [mounted = '', after] = output.trimEnd().split('\n')
  const [source, , type, options = ''] = mounted.split(' ')
  expect([source, type, after]).toEqual(['scratch', 'tmpfs', 'nothing'])
  const expected = ['ro', 'nosuid', 'nodev', 'noexec', 'noatime', 'size=64k', 'mode=710']
  expect(options.split(',')).toEqual(expect.arrayContaining(expected))
})

test('errors are those of Node', () => {
  const output = inNamespace(`
    for (const work of [
      () => unmount('/nonexistent/path'),
      () => mount({ source: 'x', target: '/', type: 'nonexistent-type', flags: [], data: '' }),
    ]) try { work() } catch ({ code, syscall, path }) { console.log(code, syscall, path) }
  `)
  expect(output).toBe('ENOENT umount /nonexistent/path\nENODEV mount /\n')
})

test('a disk that is full says so, whoever meets it: this thread, the one that writes, or the end', () => {
  const target = scratchDirectory()
  const files = new URL('../../src/system/real-files.ts', import.meta.url).href
  const output = inNamespace(`
    import { createFiles } from '${files}'
    mount({ source: 'scratch', target: '${target}', type: 'tmpfs', flags: [], data: 'size=2m' })
    const files = createFiles({ syncFilesystem: () => {} })
    const write = async (count, pause) => {
      const pending = files.create('${target}/file')
      try {
        for (let written = 0; written < count; written += 1) {
          pending.take(Buffer.alloc(65536))
          await pause()
        }
        await pending.settle()
      } finally {
        pending.discard()
      }
    }
    const turn = () => new Promise((resolve) => setTimeout(resolve, 2))
    for (const [count, pause] of [[100, () => {}], [100, turn], [33, () => {}]])
      await write(count, pause).catch(({ code }) => console.log(code))
    await turn()
    console.log(files.list('${target}').length, files.freeBytes('${target}') === 2 * 1024 * 1024)
  `)
  expect(output).toBe('ENOSPC\nENOSPC\nENOSPC\n0 true\n')
})
