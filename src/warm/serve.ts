import { AsyncLocalStorage } from 'node:async_hooks'
import type { Caller } from '../system/caller.ts'
import type { Mailbox, MailboxOptions, Reply } from '../system/mailbox.ts'
import { alone, ended, outputLines, parseRequest, stageArgument, taken } from './protocol.ts'

/** A stage that a unit wants done. */
export interface Job {
  readonly stage: string
  readonly caller: Caller
  /** Without the names of shell and script. */
  readonly args: readonly string[]
  readonly output: (stream: 'out' | 'err', text: string) => void
}

export interface ServeOptions {
  readonly stages: readonly string[]
  readonly findCaller: (pid: number) => Caller | undefined
  readonly openMailbox: (options: Pick<MailboxOptions, 'names' | 'onRequest' | 'onGone'>) => Mailbox
  /** Whether the stage would do here what it does in its unit. */
  readonly fits: (job: Job) => Promise<boolean>
  /** Resolves with the stage's exit code. */
  readonly run: (job: Job) => Promise<number>
  /** Told as each stage begins and ends. */
  readonly onBusy: (busy: boolean) => void
  /** Hands over what nobody has caught, from now on. */
  readonly catchAll: (take: (error: unknown) => void) => void
  readonly describe: (stage: string, error: unknown) => string
  /** Work that makes stages quicker, done one by one while there is no stage to do. */
  readonly ahead: readonly (() => Promise<unknown>)[]
}

/** File name of the script in the units, after which a unit's own arguments come. */
const script = 'firstlight-stage'

/**
 * Runs the stages that units ask for, one at a time and each once, until the last one has ended, one has failed, or the
 * unit of one is gone. Whether a stage has failed is for its unit to say: it is no failure of this process.
 */
export async function serve(options: ServeOptions): Promise<Served> {
  const { promise, resolve: end } = Promise.withResolvers<number>()
  const within = new AsyncLocalStorage<Work>()
  const desk: Desk = { options, within, ahead: options.ahead.values(), done: [], work: undefined, end }
  const mailbox = options.openMailbox({
    names: options.stages,
    onRequest: (request) => void take(desk, mailbox, request),
    onGone: (name) => {
      // as a process of its own would have been stopped with its unit
      if (desk.work?.name === name) end(0)
    },
  })
  options.catchAll((error) => caught(desk, mailbox, error))
  void workAhead(desk)
  const code = await promise
  mailbox.remove()
  return { code, done: desk.done }
}

interface Desk {
  readonly options: ServeOptions
  /** What a stage does, and whatever that leads to, is done within its work. */
  readonly within: AsyncLocalStorage<Work>
  readonly ahead: Iterator<() => Promise<unknown>>
  readonly done: string[]
  work: Work | undefined
  readonly end: (code: number) => void
}

type Request = Parameters<MailboxOptions['onRequest']>[0]

/** Does the stage, or hands it back with nothing done. */
async function take(desk: Desk, mailbox: Mailbox, request: Request): Promise<void> {
  const { options, within } = desk
  const { name, reply } = request
  const job = desk.work === undefined ? jobFor(options, request) : undefined
  if (job === undefined) return handBack(reply)
  const work = { name, reply }
  desk.work = work
  if (!(await options.fits(job))) {
    desk.work = undefined
    return handBack(reply)
  }
  reply.write(taken)
  // A stage that waits for nothing any more ends this process, as it would its own.
  mailbox.keepAlive(false)
  options.onBusy(true)
  finish(desk, mailbox, { work, code: await within.run(work, () => options.run(job)) })
}

function finish(
  desk: Desk,
  mailbox: Mailbox,
  { work: { name, reply }, code }: { readonly work: Work; readonly code: number },
): void {
  const { stages, onBusy } = desk.options
  desk.work = undefined
  desk.done.push(name)
  mailbox.keepAlive(true)
  onBusy(false)
  reply.write(ended(code))
  reply.close()
  if (code !== 0 || name === stages.at(-1)) desk.end(0)
  else void workAhead(desk)
}

/** A request that arrives meanwhile waits for one piece of it, not for all. */
async function workAhead(desk: Desk): Promise<void> {
  while (desk.work === undefined) {
    const piece = desk.ahead.next()
    if (piece.done) return
    await piece.value()
    await new Promise((resolve) => setImmediate(resolve))
  }
}

function caught(desk: Desk, mailbox: Mailbox, error: unknown): void {
  const { work, within, options } = desk
  const origin = within.getStore()
  // What a stage left behind that has passed: in a process of its own it would have ended with it.
  if (origin !== undefined && origin !== work) return
  if (work === undefined) desk.end(1)
  else {
    work.reply.write(outputLines('err', options.describe(work.name, error)))
    finish(desk, mailbox, { work, code: 1 })
  }
}

export interface Served {
  /** The exit code of this process. */
  readonly code: number
  /** The stages that it has done, failed ones too. */
  readonly done: readonly string[]
}

interface Work {
  readonly name: string
  readonly reply: Reply
}

function handBack(reply: Reply): void {
  reply.write(alone)
  reply.close()
}

function jobFor({ findCaller }: ServeOptions, { name, line, reply }: Request): Job | undefined {
  const pid = parseRequest(line)
  const caller = pid === undefined ? undefined : findCaller(pid)
  const at = caller?.commandLine.findIndex((word) => word.split('/').at(-1) === script) ?? -1
  if (caller === undefined || at < 0) return undefined
  const args = caller.commandLine.slice(at + 1)
  if (stageArgument(args) !== name) return undefined
  return { stage: name, caller, args, output: (stream, text) => reply.write(outputLines(stream, text)) }
}
