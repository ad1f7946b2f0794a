import assert from 'node:assert/strict'
import { readPlatform } from '../../src/platforms/read.ts'
import { createFetcher } from '../../src/resources/fetch.ts'
import { createSystem } from '../../src/system/real.ts'
import type { System } from '../../src/system/system.ts'
import { sh } from './loop.ts'

export const CONFIG = '{"ignition":{"version":"3.4.0"}}'
export const USER_DATA = '/openstack/latest/user_data'

interface Machine {
  readonly system: System
  readonly messages: string[]
  /** What the kernel says of each mount: flags, filesystem. */
  readonly mounts: string[]
}

/** The machine of the guest, in a time that runs so many times as fast. */
export function machineOf(environment: Readonly<Record<string, string>> = {}, haste = 1): Machine {
  const messages: string[] = []
  const mounts: string[] = []
  const system = createSystem({
    log: (_, message) => void messages.push(message),
    environment: { PATH: '/usr/sbin:/usr/bin', TMPDIR: '/run', ...environment },
  })
  const run: System['run'] = async (program, args, options) => {
    const result = await system.run(program, args, options)
    const target = args.at(-1)
    if (program === 'mount' && typeof target === 'string')
      mounts.push(sh('findmnt', '-rno', 'FSTYPE,OPTIONS', target))
    return result
  }
  const sleep: System['sleep'] = async (milliseconds, owner, signal) =>
    system.sleep(milliseconds / haste, owner, signal)
  const monotonic = () => system.monotonic() * haste
  return { system: { ...system, run, sleep, monotonic }, messages, mounts }
}

/** Asks a platform for the config; nothing stays mounted. */
export async function ask(platform: string, { system }: Machine) {
  const fetcher = createFetcher({ system, offline: false })
  const answer = await readPlatform({ system, fetcher, platform })
  assert.equal(sh('findmnt', '-rno', 'TARGET').includes('ignition-configdrive'), false)
  return { answer, text: answer.kind === 'found' ? new TextDecoder().decode(answer.bytes) : undefined }
}

/** Waits for something that must become so within a minute. */
export async function until(isSo: () => boolean): Promise<void> {
  for (let look = 0; !isSo(); look++) {
    assert.ok(look < 1200, 'it did not become so within a minute')
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
