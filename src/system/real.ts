import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { createHttp } from './http.ts'
import { sendToJournal } from './journal.ts'
import { mount, syncFilesystem, unmount } from './libc.ts'
import { createFiles } from './real-files.ts'
import { runProgram } from './run.ts'
import { type Basics, scope } from './scope.ts'
import type { Log, System } from './system.ts'
import { openUdpSocket } from './udp.ts'

export interface MachineOptions {
  /** Where messages go, with their prefixes. */
  readonly log: Log
  /** Variables of the environment; programs get them too. Default: those of this process. */
  readonly environment?: Readonly<Record<string, string | undefined>>
}

/** A file that only an initramfs has: <https://systemd.io/INITRD_INTERFACE/>. */
const initramfsMark = '/etc/initrd-release'

/** The machine that this process runs on. */
export function createSystem({ log, environment = process.env }: MachineOptions): System {
  const variable = (name: string) => environment[name] || undefined
  const allowLinkLocal = existsSync(initramfsMark) || variable('FIRSTLIGHT_ALLOW_LINK_LOCAL') === '1'
  const basics: Basics = {
    files: createFiles({ syncFilesystem, temporary: variable('TMPDIR') }),
    environment: variable,
    request: createHttp({ environment: variable, allowLinkLocal }),
    openUdp: async (host) => openUdpSocket(host, { allowLinkLocal }),
    sleep,
    now: () => new Date(),
    monotonic: () => performance.now(),
    random: (length) => randomBytes(length),
    journal: sendToJournal,
    mount,
    unmount,
  }
  const start: Parameters<typeof scope>[0]['start'] = async (request) =>
    runProgram({ ...request, environment })
  return scope({ basics, start, sink: log, prefixes: [] })
}

/** Milliseconds; a Node timer set for longer fires at once. */
const longestTimer = 2 ** 31 - 1

async function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  for (let left = milliseconds; left > 0; left -= longestTimer)
    await pause(Math.min(left, longestTimer), undefined, signal ? { signal } : {})
}
