import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** A new directory of the real machine that is gone when the test is over. */
export function scratchDirectory(): string {
  const path = mkdtempSync(join(tmpdir(), 'firstlight-test-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}
