import { join } from 'node:path'
import type { BenchCommand, BenchRow } from './bench-work.ts'

const stub = join(import.meta.dirname, '../dracut/30firstlight/firstlight-stage')

/** Starts the process for all stages, whose path is $0; goes on when it listens. */
const start =
  'rm -rf "$FIRSTLIGHT_MAILBOX"; "$0" warm --directory="$FIRSTLIGHT_MAILBOX" > /dev/null 2>&1 & ' +
  'until [ -p "$FIRSTLIGHT_MAILBOX/umount.request" ]; do sleep 0.002; done'

export interface WarmOptions {
  readonly dist: string
  /** Where the process's FIFOs go. */
  readonly folder: string
  /** Whether the start of the process counts, or it is there already, as in a boot. */
  readonly startCounts: boolean
}

/** The same row with our stages run as the units of a boot run them: handed to one process for all. */
export function throughOneProcess(
  row: BenchRow,
  stagesBy: (program: string) => BenchCommand,
  { dist, folder, startCounts }: WarmOptions,
): BenchRow {
  const program = join(dist, 'firstlight')
  const whole: BenchCommand = [
    'sh',
    '-c',
    `${start}; "$@"; code=$?; wait; exit $code`,
    program,
    ...stagesBy(stub),
  ]
  const env = {
    ...row.env,
    FIRSTLIGHT_PROGRAM: join(dist, 'ignition'),
    FIRSTLIGHT_MAILBOX: join(folder, 'mailbox'),
  }
  if (startCounts) return { ...row, env, ours: whole }
  // the pause is for what it loads when nothing else is to be done
  const beforeOurs: BenchCommand = ['sh', '-c', `${start}; sleep 0.2`, program]
  return { ...row, env, ours: stagesBy(stub), beforeOurs, oursForPeak: whole }
}
