import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { scratchDirectory } from '../helpers/scratch.ts'

const script = join(import.meta.dirname, '..', '..', 'dracut', '30firstlight', 'firstlight-failure')

interface Situation {
  /** Units that failed. */
  readonly failed?: readonly string[]
  readonly consoles?: string
  readonly panel?: string
}

/** A boot that has stopped: a service manager to be signalled, stand-ins for its programs, consoles that are files. */
async function show({ failed = [], consoles = 'tty0 ttyS0 ttyS1\n', panel }: Situation) {
  const directory = scratchDirectory()
  const inScratch = (name: string) => join(directory, name)
  for (const name of ['bin', 'dev', 'run', 'run/firstlight']) mkdirSync(inScratch(name))
  const standIn = (name: string, text: string) => {
    writeFileSync(inScratch(`bin/${name}`), `#!/bin/sh\n${text}\n`)
    chmodSync(inScratch(`bin/${name}`), 0o755)
  }
  standIn('systemctl', failed.map((unit) => `echo '${unit} loaded failed'`).join('\n'))
  standIn('journalctl', 'case "$*" in *--sync*) ;; *) echo "journal: $*" ;; esac')
  writeFileSync(inScratch('consoles'), consoles)
  if (panel !== undefined) writeFileSync(inScratch('run/firstlight/failure.txt'), panel)
  const manager = spawn('sleep', ['60'])
  onTestFinished(() => void manager.kill('SIGKILL'))
  const ended = once(manager, 'exit')
  // a console that nobody reads
  spawnSync('mkfifo', [inScratch('dev/hvc0')])
  const program = spawn('sh', [script], {
    env: {
      PATH: `${inScratch('bin')}:${process.env['PATH']}`,
      FIRSTLIGHT_RUN_DIR: inScratch('run'),
      FIRSTLIGHT_CONSOLES: inScratch('consoles'),
      FIRSTLIGHT_DEV_DIR: inScratch('dev'),
      FIRSTLIGHT_MANAGER_PID: String(manager.pid),
    },
    detached: true,
  })
  onTestFinished(() => {
    // the writer of a console that nobody reads still waits
    if (program.pid !== undefined && program.exitCode === null) process.kill(-program.pid, 'SIGKILL')
  })
  const read = (name: string) => readFileSync(inScratch(`dev/${name}`), 'utf8')
  return { program, ended, read }
}

const words = 'files failed\n  why:     no\n  code:    FL_FETCH: it\n'

test('the last words of the stage are the last thing on every active console', async () => {
  const { program, ended, read } = await show({ failed: ['ignition-files.service'], panel: words })
  await once(program, 'exit')
  const text = read('ttyS0')
  expect(text).toBe(
    [
      '',
      '==== The first boot has stopped ====',
      ...words.trimEnd().split('\n'),
      'All of it: journalctl -b. The first-boot flag is kept: the next boot tries again.',
      '====================================',
      '',
    ].join('\r\n'),
  )
  expect([read('tty0'), read('ttyS1')]).toEqual([text, text])
  // SIGRTMIN+21 ends a process that does not expect it
  await ended
})

test('a unit of the distribution that failed too is named above them', async () => {
  const { program, read } = await show({
    failed: ['network.service', 'ignition-fetch.service'],
    panel: words,
  })
  await once(program, 'exit')
  const text = read('ttyS0')
  expect(text.indexOf('network.service failed:')).toBeLessThan(text.indexOf('files failed'))
  expect(text).toContain(
    'journal: -b -q --no-pager -o cat -n 8 _TRANSPORT=stdout _SYSTEMD_UNIT=network.service',
  )
  expect(text).not.toContain('ignition-fetch.service failed')
})

test.each([
  ['a stage that left no words', ['ignition-fetch.service'], 'ignition-fetch.service failed:\r\njournal: '],
  ['no failed unit', [], 'No unit has failed. The latest errors:\r\njournal: -b'],
])('without them the journal has to do: %s', async (_, failed, expected) => {
  const { program, read } = await show({ failed })
  await once(program, 'exit')
  expect(read('ttyS0')).toContain(expected)
})

test('a console that takes nothing does not keep the others waiting', async () => {
  const { ended, read } = await show({ panel: words, consoles: 'hvc0 ttyS0\n' })
  await ended
  await expect.poll(() => read('ttyS0'), { timeout: 5000 }).toContain('FL_FETCH')
})
