import { chmodSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { realSystem } from '../helpers/real-system.ts'
import { scratchDirectory } from '../helpers/scratch.ts'

/** A System whose PATH has one program, `usermod`, made of the given shell script. */
function withProgram(script: string) {
  const path = scratchDirectory()
  writeFileSync(`${path}/usermod`, `#!/bin/sh\n${script}\n`)
  chmodSync(`${path}/usermod`, 0o755)
  return realSystem({ PATH: `${path}:/usr/bin:/bin` })
}

test('standard input is /dev/null, or the bytes given', async () => {
  const { system } = withProgram('readlink /proc/self/fd/0; cat')
  expect((await system.run('usermod', [])).stdout).toBe('/dev/null\n')
  expect((await system.run('usermod', [], { input: 'secret\n' })).stdout).toMatch(/secret\n$/)
})

test('secrets are in no message and no error', async () => {
  const { system, messages } = withProgram('echo "bad: $2" >&2; echo "$3"; exit 3')
  const run = system.run('usermod', ['--password', '$6$salt$hash', '--key=topsecret', 'core'], {
    description: 'changing user "core"',
    secretAfter: ['--password', '--key'],
  })
  await expect(run).rejects.toThrow(
    'exit status 3: Cmd: "usermod" "--password" "***" "--key=***" "core" ' +
      'Stdout: "--key=***\\n" Stderr: "bad: ***\\n"',
  )
  expect(messages.map(({ message }) => message).join('\n')).not.toMatch(/salt|topsecret/)
})

test('a program that is killed says by what', async () => {
  const { system } = withProgram('kill -KILL $$')
  await expect(system.run('usermod', [])).rejects.toThrow(
    /^signal: killed: Cmd: "usermod" Stdout: "" Stderr: ""$/,
  )
})

test('a missing program is named with its package and the way out', async () => {
  const { system } = realSystem({ PATH: scratchDirectory() })
  await expect(system.run('useradd', [])).rejects.toMatchObject({
    code: 'FL_PROGRAM_MISSING',
    message: expect.stringMatching(
      /^exec: "useradd": executable file not found in \$PATH: .*"passwd".*initramfs$/,
    ) as string,
  })
})

test('a program whose interpreter is missing is not called missing', async () => {
  const path = scratchDirectory()
  writeFileSync(`${path}/usermod`, '#!/nonexistent/interpreter\n')
  chmodSync(`${path}/usermod`, 0o755)
  const { system } = realSystem({ PATH: path })
  await expect(system.run('usermod', [])).rejects.toMatchObject({ code: 'FL_PROGRAM' })
})

test('a daemon that a program leaves behind does not hold the boot', async () => {
  const { system, messages } = withProgram('echo out; echo err >&2; sleep 20 & exit 0')
  const begun = performance.now()
  expect(await system.run('usermod', [])).toEqual({ exitCode: 0, stdout: 'out\n', stderr: 'err\n' })
  expect(performance.now() - begun).toBeLessThan(15_000)
  expect(messages.filter(({ level }) => level === 'notice')).toHaveLength(1)
}, 30_000)

test('much output is kept whole', async () => {
  const { system } = withProgram('head -c 3000000 /dev/zero | tr "\\0" x')
  expect((await system.run('usermod', [])).stdout).toHaveLength(3_000_000)
})
