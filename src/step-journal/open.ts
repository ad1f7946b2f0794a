import { configDigest } from '../digest.ts'
import { runFile } from '../run-files.ts'
import type { Claim, EarlierWork, StepWatcher } from '../section.ts'
import type { Config } from '../spec/config.ts'
import type { StageName } from '../stages.ts'
import { makeParents } from '../state-file.ts'
import { readBootId } from '../system/boot-id.ts'
import { quote } from '../system/quote.ts'
import type { Sysroot, System } from '../system/system.ts'
import { type Entry, formatEntries, type JournalKey, readEntries } from './entries.ts'
import { bootPlace, filePlace, type Place } from './place.ts'

export interface JournalOptions {
  readonly system: System
  readonly stage: StageName
  readonly sysroot: Sysroot
  readonly config: Config
}

/** The journal of steps, for one stage. */
export interface StepJournal {
  readonly earlier: EarlierWork
  readonly watcher: StepWatcher
  claim(claims: readonly Claim[]): void
  /** To be called when the stage has passed and what it wrote is on disk. */
  passed(): void
  /** What is known after that. */
  since(): EarlierWork
  /** To be called last of all. */
  finish(): void
}

/** A distribution that has this leaves flag and journal to it: both are valid until then. */
export const flagRemover = '/usr/libexec/firstlight-first-boot-complete'

/**
 * Opens the journal where it outlives a power cut: on the boot partition; without one, in the new root as soon as that is
 * mounted, and before in memory. Undefined for configs that need none.
 */
export async function openStepJournal(options: JournalOptions): Promise<StepJournal | undefined> {
  const { system, stage, config } = options
  if (!isNeeded(config)) return undefined
  const place = (await bootPlace(system)) ?? otherPlace(options)
  const key = keyOf(options, place.flag)
  const boot = readBootId(system.files)
  const claims = readEntries(place.text, key)
  if (stage === 'disks' && claims.size > 0)
    system.log('notice', `an earlier run of this first boot was cut off; it is taken up again: ${place.name}`)
  const isWritten = readWritten(system, stage)
  const isLast = stage === 'umount' ? isWritten : stage === 'files' && isAlone(system, place)
  const earlier: EarlierWork = {
    look: (name) => claims.get(name) ?? { kind: 'none' },
    over: isWritten ? 'everything' : 'nothing',
  }
  const journal = writerOf(system, place, { kind: 'run', ...key, boot, stage })
  const account = keepAccount(journal.write)
  return {
    earlier,
    watcher: account.watcher,
    claim: (claims) => journal.write(claims.map(begun)),
    passed() {
      account.end('stage')
      if (stage === 'mount' || stage === 'files') writeMark(system, stage)
    },
    since() {
      if (stage !== 'files') return earlier
      const isKept = place.remove === undefined && journal.isWhole()
      return { ...earlier, over: isLast ? 'everything' : isKept ? 'volumes' : 'nothing' }
    },
    finish() {
      if (isLast) complete(system, place, journal.write)
    },
  }
}

function isNeeded({ storage, passwd }: Config): boolean {
  const { raid, luks, filesystems, files } = storage
  const lists = [raid, luks, filesystems, files, passwd.users, passwd.groups, storage.disks]
  return lists.some((list) => list.length > 0)
}

function otherPlace({ system, stage, sysroot }: JournalOptions): Place {
  if (stage === 'disks') return filePlace(system, runFile(system, 'steps'))
  return filePlace(system, sysroot.resolve('/etc/.firstlight-journal'))
}

function keyOf({ system, config }: JournalOptions, flag: string): JournalKey {
  return {
    config: configDigest(config),
    machine: readLine(system, '/sys/class/dmi/id/product_uuid'),
    flag,
  }
}

const markOf = (system: System, stage: 'mount' | 'files') => runFile(system, `${stage}Passed`)

/**
 * Whether the stage `files` has passed in this boot, and none before it has run again. In memory: what comes after a stage
 * has to pass again after it, in this boot or the next.
 */
function readWritten(system: System, stage: StageName): boolean {
  const mark = markOf(system, 'files')
  if (stage !== 'umount') system.files.remove(mark)
  return system.files.lstat(mark) !== undefined
}

/** Whether the stage `files` runs for itself: where nothing is mounted before it, nobody unmounts after it. */
const isAlone = (system: System, place: Place) =>
  place.remove !== undefined && system.files.lstat(markOf(system, 'mount')) === undefined

function writeMark(system: System, stage: 'mount' | 'files'): void {
  const mark = markOf(system, stage)
  try {
    makeParents(system, mark, 0o755)
    system.files.write(mark, '', { mode: 0o600 })
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    system.log('warning', `cannot write ${quote(mark)}: ${reason}; what marks an unfinished first boot stays`)
  }
}

const readLine = ({ files }: System, path: string) => (files.stat(path) ? files.readText(path).trim() : '')

type Write = (entries: readonly Entry[]) => void

/** A journal that cannot be written is no reason to fail: looks alone tell a later run most of it. */
function writerOf(
  system: System,
  place: Place,
  run: Entry,
): { readonly write: Write; readonly isWhole: () => boolean } {
  let hasBegun = false
  let isBroken = false
  const write: Write = (entries) => {
    if (isBroken || entries.length === 0) return
    try {
      place.append(formatEntries(hasBegun ? entries : [run, ...entries]))
      hasBegun = true
    } catch (error) {
      isBroken = true
      const reason = error instanceof Error ? error.message : String(error)
      system.log(
        'warning',
        `cannot write the journal of steps, ${place.name}: ${reason}; going on without it`,
      )
    }
  }
  return { write, isWhole: () => !isBroken }
}

const begun = ({ name, before }: Claim): Entry => ({
  kind: 'begun',
  name,
  ...(before !== undefined && { before }),
})

/** Begun is written before the first step of a section, ended with what is written next. */
function keepAccount(write: Write): { readonly watcher: StepWatcher; end(until: 'step' | 'stage'): void } {
  const done: Claim[] = []
  const take = (...kinds: readonly Claim['until'][]): Entry[] => {
    const taken = done.filter(({ until = 'step' }) => kinds.includes(until))
    done.splice(0, done.length, ...done.filter((claim) => !taken.includes(claim)))
    return taken.map(({ name }) => ({ kind: 'ended', name }))
  }
  return {
    watcher: {
      planned: (steps) => write([...take('step'), ...steps.flatMap(({ claims }) => claims.map(begun))]),
      ended(step, end) {
        if (end.kind === 'done') done.push(...step.claims)
        else
          write(
            step.claims
              .filter(({ isTakenBack }) => isTakenBack)
              .map(({ name }) => ({ kind: 'takenBack', name })),
          )
      },
    },
    end: (until) => write(take('step', until)),
  }
}

/** The flag's remover takes the journal with it; elsewhere nobody does, and nothing may be taken for unfinished later. */
function complete(system: System, place: Place, write: Write): void {
  if (place.remove) place.remove()
  else if (place.flag === '' || system.files.stat(flagRemover) === undefined) write([{ kind: 'complete' }])
}
