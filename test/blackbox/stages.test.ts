import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { scratchDirectory } from '../helpers/scratch.ts'
import { runStage } from './stages.ts'

/** Runs a stage with a shell script as `ignition`. */
async function runScript(script: string, skipCriticalCheck = false) {
  const folder = scratchDirectory()
  writeFileSync(join(folder, 'ignition'), `#!/bin/sh\n${script}\n`)
  chmodSync(join(folder, 'ignition'), 0o755)
  const env = { ...process.env, PATH: `${folder}:${process.env['PATH']}` }
  return { folder, ...(await runStage('mount', '/new root', { folder, env, skipCriticalCheck })) }
}

test('the program is called as a conformance run calls it', async () => {
  const { folder, stdout } = await runScript('pwd; for word; do echo "<$word>"; done')
  const words = ['-platform', 'file', '-stage', 'mount', '-root', '/new root', '-log-to-stdout']
  const files = ['-config-cache', 'ignition.json', '-neednet', 'neednet', '-state-file', 'state']
  const paths = files.map((word, index) => (index % 2 === 1 ? `${folder}/${word}` : word))
  expect(stdout.toString().split('\n')).toEqual([
    folder,
    ...[...words, ...paths].map((word) => `<${word}>`),
    '',
  ])
})

test.each([
  ['passed', 'a stage that ends well', 'echo fine', false],
  ['failed', 'exit code 1', 'exit 1', false],
  ['failed', 'exit code 3', 'exit 3', false],
  ['crashed', 'any other exit code', 'exit 2', false],
  ['crashed', 'the end by a signal', 'kill -SEGV $$', false],
  ['failed', 'a critical message', 'echo "CRITICAL : x"', false],
  ['passed', 'a critical message that the case allows', 'echo "CRITICAL : x"', true],
  ['crashed', 'a panic', 'echo "panic: x" >&2; exit 1', false],
  ['crashed', 'a stack trace', 'echo "    at f (/a.js:1:2)" >&2; exit 1', false],
  ['crashed', 'a defect of ours', 'echo "  code: FL_INTERNAL"; exit 1', false],
] as const)('%s: %s', async (outcome, _, script, skipCriticalCheck) => {
  expect((await runScript(script, skipCriticalCheck)).outcome).toBe(outcome)
})
