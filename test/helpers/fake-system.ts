import { dirname } from 'node:path'
import { reveal } from '../../src/secret.ts'
import { commandLine, exitStatus, failedProgram, missingProgram } from '../../src/system/command-line.ts'
import type { Hypervisor } from '../../src/system/hypervisor-calls.ts'
import type { Datagram, HttpRequest, HttpResponse } from '../../src/system/network.ts'
import type { ProgramName } from '../../src/system/programs.ts'
import { scope } from '../../src/system/scope.ts'
import type { Files, LogLevel, MountOptions, RunOptions, RunResult, System } from '../../src/system/system.ts'
import { noTrace, type Trace, tracedRequest } from '../../src/system/trace.ts'
import { fakeClock } from './fake-clock.ts'
import { fakeFiles } from './fake-files.ts'
import { type DirectoryNode, emptyDirectory, nextInode, systemError, walk } from './fake-tree.ts'

/** A request as it goes out, with its secrets. */
interface SentRequest extends HttpRequest {
  readonly headers: readonly (readonly [name: string, value: string])[]
}

/** One start of a program. */
export interface Run {
  readonly program: ProgramName
  readonly args: readonly string[]
  readonly options: RunOptions
}

/** What a scripted server answers: a response, or an error of the transport. `hang` never answers. */
type Answer =
  | 'hang'
  | Error
  | {
      readonly status?: number
      readonly headers?: Readonly<Record<string, string>>
      /** Chunks are sent one by one; an error among them cuts the body off, after `hang` nothing comes. */
      readonly body?: string | Uint8Array | readonly (string | Uint8Array | Error)[]
    }

export interface FakeOptions {
  /**
   * Path → contents; directories above are made. `{ link }` is a symbolic link, `{ block }` a block device with its
   * bytes, `null` an empty directory.
   */
  readonly files?: Readonly<
    Record<string, string | Uint8Array | null | { readonly link: string } | { readonly block: Uint8Array }>
  >
  readonly environment?: Readonly<Record<string, string>>
  /**
   * What a program does and answers; undefined means that it is not installed. Default: every program succeeds
   * without a word.
   */
  readonly programs?: (run: Run, files: Files) => Partial<RunResult> | undefined
  /** Default: every server refuses the connection. */
  readonly server?: (request: SentRequest, attempt: number) => Answer
  /** Answers of a UDP server to one datagram; `answer` may give none. Default: nobody answers. */
  readonly udp?: (sent: Datagram, host: string) => readonly Datagram[]
  /** Default: not there. */
  readonly hypervisor?: Partial<Hypervisor>
  readonly architecture?: string
  readonly start?: Date
  /** Default: 0, 1, 2 … */
  readonly random?: System['random']
  /** Default: none. Its lines are kept by whoever makes it. */
  readonly trace?: Pick<Trace, 'span'> & { text(): string }
}

/** A System in memory, with what happened to it. */
export interface FakeSystem extends System {
  readonly messages: { readonly level: LogLevel; readonly message: string }[]
  readonly runs: Run[]
  readonly requests: SentRequest[]
  readonly records: Readonly<Record<string, string>>[]
  /** Target → what is mounted there now. */
  readonly mounts: Map<string, MountOptions>
  /** Milliseconds of every sleep asked for. */
  readonly slept: readonly number[]
}

export function fakeSystem(options: FakeOptions = {}): FakeSystem {
  const { environment = {}, server = refuse } = options
  const { span } = options.trace ?? noTrace
  const clock = fakeClock(options.start)
  const root = emptyDirectory()
  const files = fakeFiles(root)
  const seen = {
    messages: [] as FakeSystem['messages'],
    runs: [] as Run[],
    requests: [] as SentRequest[],
    records: [] as Readonly<Record<string, string>>[],
    mounts: new Map<string, MountOptions>(),
    slept: clock.slept,
  }
  makeParents(files, '/tmp/x')
  for (const [path, content] of Object.entries(options.files ?? {})) place({ files, root }, path, content)
  const attempts = new Map<string, number>()

  const system = scope({
    basics: {
      files,
      environment: (name) => environment[name] || undefined,
      request: tracedRequest(span, async (asked) => {
        const headers = asked.headers.map(([name, value]) => [name, reveal(value)] as const)
        const request = { ...asked, headers }
        seen.requests.push(request)
        const attempt = (attempts.get(request.url) ?? 0) + 1
        attempts.set(request.url, attempt)
        return respond(server(request, attempt), request.signal)
      }),
      span,
      traceText: () => options.trace?.text(),
      async openUdp(host) {
        const queue: Datagram[] = []
        return {
          async send(datagram) {
            queue.push(...(options.udp?.(datagram, host) ?? []))
          },
          async receive(timeoutMilliseconds) {
            const next = queue.shift()
            if (next === undefined) await clock.sleep(timeoutMilliseconds)
            return next
          },
          close: () => undefined,
        }
      },
      openHypervisor: async () => ({ ...noHypervisor, ...options.hypervisor }),
      architecture: options.architecture ?? 'x64',
      sleep: (milliseconds, _owner, signal) => clock.sleep(milliseconds, signal),
      now: clock.now,
      monotonic: clock.monotonic,
      random: options.random ?? ((length) => new Uint8Array(length).map((_, index) => index)),
      journal: (fields) => void seen.records.push(fields),
      mount: (mount) => void seen.mounts.set(mount.target, mount),
      unmount: (target) => void seen.mounts.delete(target),
    },
    start: async ({ program, args, options: runOptions, log }) => {
      log('debug', `executing: ${commandLine(program, args).text}`)
      const run = { program, args: args.map(reveal), options: runOptions }
      seen.runs.push(run)
      return answerOf(args, run, (options.programs ?? succeed)(run, files))
    },
    sink: (level, message) => void seen.messages.push({ level, message }),
    prefixes: [],
  })
  return { ...system, ...seen }
}

const noHypervisor: Hypervisor = {
  openDevice(path) {
    throw systemError('ENOENT', 'open', path)
  },
  addressOf() {
    throw new Error('the machine in memory has no addresses')
  },
  execute: (_, registers) => ({ ...registers, eax: 0, ebx: 0, ecx: 0, edx: 0 }),
}

const succeed = () => ({})

const refuse = (request: HttpRequest) =>
  Object.assign(new Error(`connect ECONNREFUSED ${request.url}`), { code: 'ECONNREFUSED' })

function answerOf(
  args: Parameters<System['run']>[1],
  { program, options }: Run,
  answer: Partial<RunResult> | undefined,
): RunResult {
  if (!answer) throw missingProgram(program)
  const result = { exitCode: 0, stdout: '', stderr: '', ...answer }
  if ((options.accept ?? [0]).includes(result.exitCode)) return result
  throw failedProgram(commandLine(program, args), { ...result, reason: exitStatus(result.exitCode) })
}

async function respond(answer: Answer, signal: AbortSignal | undefined): Promise<HttpResponse> {
  if (signal?.aborted) throw signal.reason
  if (answer instanceof Error) throw answer
  if (answer === 'hang') return aborted(signal)
  const { status = 200, headers = {}, body = '' } = answer
  const chunks = typeof body === 'string' || body instanceof Uint8Array ? [body] : body
  return { status, headers, body: stream(chunks, signal) }
}

async function* stream(
  chunks: readonly (string | Uint8Array | Error)[],
  signal: AbortSignal | undefined,
): AsyncIterable<Uint8Array> {
  for (const chunk of chunks) {
    await Promise.resolve()
    if (chunk instanceof Error) throw chunk
    if (chunk === 'hang') await aborted(signal)
    else if (chunk.length > 0) yield Buffer.from(chunk)
  }
}

const aborted = async (signal: AbortSignal | undefined): Promise<never> =>
  new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))

interface Machine {
  readonly files: Files
  readonly root: DirectoryNode
}

function place(
  { files, root }: Machine,
  path: string,
  content: NonNullable<FakeOptions['files']>[string],
): void {
  makeParents(files, path)
  if (content === null) files.makeDirectory(path, { mode: 0o755 })
  else if (typeof content === 'string' || content instanceof Uint8Array)
    files.write(path, content, { mode: 0o644 })
  else if ('link' in content) files.symlink(content.link, path)
  else {
    const { directory, name } = walk(root, path, { follow: false, syscall: 'mknod' })
    directory.entries.set(name, {
      type: 'block',
      data: Buffer.from(content.block),
      mode: 0o660,
      uid: 0,
      gid: 6,
      inode: nextInode(),
    })
  }
}

function makeParents(files: Files, path: string): void {
  const parent = dirname(path)
  if (parent === path || files.stat(parent)) return
  makeParents(files, parent)
  files.makeDirectory(parent, { mode: 0o755 })
}
