import { readFileSync, readlinkSync } from 'node:fs'
import { giveBackPages } from './libc.ts'

let isDone = false

/**
 * Gives back the pages of the program's file that are mapped, code and constants: what is needed again comes back from the
 * file at a touch, and what only the start needed is no longer resident. Once in a process.
 */
export function giveBackProgram(): void {
  if (isDone) return
  isDone = true
  try {
    const program = readlinkSync('/proc/self/exe')
    for (const { start, end } of untouchedMappings(readFileSync('/proc/self/smaps', 'latin1'), program))
      giveBackPages(start, end)
  } catch {
    // without /proc it goes on as it is
  }
}

interface Mapping {
  readonly start: bigint
  readonly end: bigint
}

/** Mappings of a file, by proc_pid_smaps(5), that cannot be written and in which no page was: giving those back would lose it. */
export function untouchedMappings(smaps: string, path: string): readonly Mapping[] {
  return smaps.split(/\n(?=[\da-f]+-[\da-f]+ )/).flatMap((text) => {
    const [, start, end, permissions, mapped] =
      /^([\da-f]+)-([\da-f]+) (\S+) \S+ \S+ \S+ +(.+)$/m.exec(text) ?? []
    if (mapped !== path || !/^r-[x-]p$/.test(permissions ?? '') || !/^Anonymous: +0 kB$/m.test(text))
      return []
    return [{ start: BigInt(`0x${start}`), end: BigInt(`0x${end}`) }]
  })
}
