import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { Secret } from '../../src/secret.ts'
import { watchRunning } from '../../src/system/running.ts'
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
  const run = system.run(
    'usermod',
    ['--password', new Secret('$6$salt$hash'), new Secret('--key=topsecret'), 'core'],
    {
      description: 'changing user "core"',
    },
  )
  await expect(run).rejects.toThrow(
    'exit status 3: Cmd: "usermod" "--password" "<secret>" "<secret>" "core" ' +
      'Stdout: "<secret>\\n" Stderr: "bad: <secret>\\n"',
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

test('a program that runs long is told of, with what it does; not with its secrets', async () => {
  const { system, messages } = withProgram(
    'dd if=/dev/zero of="$3" bs=1M count=2 conv=fsync 2>/dev/null; exec sleep 5.5',
  )
  await system.run('usermod', ['--password', new Secret('canary'), `${scratchDirectory()}/out`])
  const told = messages.filter(({ level }) => level === 'notice').map(({ message }) => message)
  expect(told).toEqual([
    expect.stringMatching(
      /^still running: "usermod" "--password" "[^"]+" ".*", since 5 s, as long as it takes: it waits for something/,
    ),
  ])
  expect(told[0]).not.toContain('canary')
}, 20_000)

test('a program with a limit is killed there, and whoever cannot be killed is left behind', async () => {
  const told: string[] = []
  const log = (_level: string, message: string) => void told.push(message)
  const watch = (command: string) => {
    const child = spawn('sh', ['-c', command], { stdio: 'ignore' })
    return { child, running: watchRunning({ child, shown: command, log, limitSeconds: 0.3 }) }
  }
  const slow = watch('exec sleep 60')
  expect(await once(slow.child, 'exit')).toEqual([null, 'SIGKILL'])
  expect(slow.running.stop()).toBe(true)
  const quick = watch('exit 0')
  await once(quick.child, 'exit')
  expect(quick.running.stop()).toBe(false)
  // as one in the middle of a system call that never ends
  const stuck = watch('exec sleep 60')
  const kill = stuck.child.kill.bind(stuck.child)
  stuck.child.kill = () => true
  await stuck.running.givenUp
  expect(stuck.child.exitCode).toBeNull()
  kill('SIGKILL')
  stuck.running.stop()
}, 20_000)
