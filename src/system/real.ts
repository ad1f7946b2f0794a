import { existsSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import type { HttpOptions } from './http.ts'
import { sendToJournal } from './journal.ts'
import { lockFile, mount, syncFilesystem, unmount } from './libc.ts'
import { createFiles } from './real-files.ts'
import { type Basics, type ScopeOptions, scope } from './scope.ts'
import type { Log, System } from './system.ts'
import { noTrace, tracedRequest } from './trace.ts'
import { bootTracePath, type Life, openTrace } from './trace-file.ts'
import type { WaitOwner } from './waits.ts'

export interface TraceOptions {
  /** What this process is: `files`. */
  readonly process: string
  /** `none`, or empty: in an initramfs `/run/firstlight/trace.json`, elsewhere none. */
  readonly path: string
}

export interface MachineOptions {
  /** Where messages go, with their prefixes. */
  readonly log: Log
  /** Variables of the environment; programs get them too. Default: those of this process. */
  readonly environment?: Readonly<Record<string, string | undefined>>
  /** For the boot trace; without it there is none. */
  readonly trace?: TraceOptions | undefined
  /** What stands for a process: the journal and the trace take it for one. Default: this process. */
  readonly life?: Life | undefined
}

/** A file that only an initramfs has: <https://systemd.io/INITRD_INTERFACE/>. */
const initramfsMark = '/etc/initrd-release'

/**
 * The machine that this process runs on. What a stage may not need (network, programs, cryptography) is loaded when it
 * is first used: start-up time is boot time.
 */
export function createSystem(options: MachineOptions): System {
  const { log, environment = process.env, life } = options
  const variable = (name: string) => environment[name] || undefined
  const isInitramfs = existsSync(initramfsMark)
  const allowLinkLocal = isInitramfs || variable('FIRSTLIGHT_ALLOW_LINK_LOCAL') === '1'
  const path = options.trace && (options.trace.path || (isInitramfs ? bootTracePath : 'none'))
  const trace =
    options.trace && path && path !== 'none'
      ? openTrace({ path, process: options.trace.process, log, life })
      : undefined
  const { span } = trace ?? noTrace
  const basics: Basics = {
    files: createFiles({ syncFilesystem, lockFile, temporary: variable('TMPDIR') }),
    environment: variable,
    request: tracedRequest(span, lazyHttp({ environment: variable, allowLinkLocal })),
    span,
    traceText: () => trace?.text(),
    async openUdp(host) {
      const { openUdpSocket } = await import('./udp.ts')
      return openUdpSocket(host, { allowLinkLocal })
    },
    openHypervisor: async () => (await import('./hypervisor.ts')).hypervisor,
    architecture: process.arch,
    sleep,
    now: () => new Date(),
    monotonic: () => performance.now(),
    random: (length) => process.getBuiltinModule('node:crypto').randomBytes(length),
    journal: (fields) => sendToJournal(fields, { sender: life?.pid }),
    mount,
    unmount,
  }
  const start: ScopeOptions['start'] = async (request) => {
    const { runProgram } = await import('./run.ts')
    return runProgram({ ...request, environment })
  }
  return scope({ basics, start, sink: log, prefixes: [] })
}

function lazyHttp(options: HttpOptions): System['request'] {
  let request: System['request'] | undefined
  return async (...args) => {
    const { createHttp } = await import('./http.ts')
    request ??= createHttp(options)
    return request(...args)
  }
}

/** Milliseconds; a Node timer set for longer fires at once. */
const longestTimer = 2 ** 31 - 1

async function sleep(milliseconds: number, _owner: WaitOwner, signal?: AbortSignal): Promise<void> {
  for (let left = milliseconds; left > 0; left -= longestTimer)
    await pause(Math.min(left, longestTimer), undefined, signal ? { signal } : {})
}
