import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

const retryMilliseconds = 200
/** Many times what a build takes on a slow machine. */
const patienceMilliseconds = 300_000

/**
 * Runs `work` while no other process does so with the same folder: test layers that run at once build once. Throws
 * an Error when the other process does not end.
 */
export async function withLock<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const started = performance.now()
  while (!take(folder)) {
    if (performance.now() - started > patienceMilliseconds)
      throw new Error(`another build holds ${folder} for minutes; remove that folder if there is none`)
    if (isAbandoned(folder)) rmSync(folder, { recursive: true, force: true })
    else await pause(retryMilliseconds)
  }
  try {
    return await work()
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Making a directory is atomic, and fails when there is one. */
function take(folder: string): boolean {
  try {
    mkdirSync(folder)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
  writeFileSync(join(folder, 'pid'), String(process.pid))
  return true
}

/** Whether the process that took it is gone. */
function isAbandoned(folder: string): boolean {
  try {
    process.kill(Number(readFileSync(join(folder, 'pid'), 'utf8')), 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}
