import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { BenchCommand, BenchRow } from './bench-work.ts'

/** Peaks of the largest process of a command, in MiB. */
export interface Peak {
  /**
   * As GNU time reports it: with the mapped pages of its executable, which all processes share and an initramfs holds in
   * memory anyway.
   */
  readonly residentMiB: number
  /** What a process has for itself; seen by looking at it again and again. */
  readonly privateMiB: number
}

/** Milliseconds between two looks. */
const lookEvery = 4

/** Runs the command; `file` is for GNU time. Throws when it fails. */
export async function peakOf(
  command: BenchCommand,
  { env, file }: { readonly env: BenchRow['env']; readonly file: string },
): Promise<Peak> {
  const child = spawn('/usr/bin/time', ['-f', '%M', '-o', file, ...command], { stdio: 'ignore', env })
  let privateKiB = 0
  const look = setInterval(() => {
    for (const process of descendants(child.pid ?? 0)) privateKiB = Math.max(privateKiB, privateSize(process))
  }, lookEvery)
  const [status] = await once(child, 'close')
  clearInterval(look)
  if (status !== 0) throw new Error(`${command.join(' ')}: exit code ${status}`)
  return { residentMiB: Number(readFileSync(file, 'utf8')) / 1024, privateMiB: privateKiB / 1024 }
}

/** A process and those that it started, by their ids. */
function descendants(process: number): number[] {
  const children = textOf(`/proc/${process}/task/${process}/children`).split(' ').filter(Boolean)
  return [process, ...children.map(Number).flatMap(descendants)]
}

/** In KiB. */
const privateSize = (process: number) =>
  Number(/^RssAnon:\s+(\d+) kB$/m.exec(textOf(`/proc/${process}/status`))?.[1] ?? 0)

/** Empty when the process has ended meanwhile. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
