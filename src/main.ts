import { basename } from 'node:path'
import { formatFailure } from './commands/failure.ts'
import { loadCommand } from './commands/table.ts'
import { heardBy, openLog } from './system/log.ts'
import { createSystem } from './system/real.ts'
import { readInput, showsColor, writeError, writeOutput } from './system/standard-streams.ts'

/** For what helper programs make; Firstlight's own files get their modes explicitly. */
const UMASK = 0o022

/** The executable and `node src/main.ts` alike have the name they were started by in `argv[1]`. */
async function main([, startedAs = '', ...args]: readonly string[]): Promise<number> {
  process.umask(UMASK)
  const command = await loadCommand(basename(startedAs))
  return command({
    args,
    stdout: writeOutput,
    stderr: writeError,
    // asked by the commands that paint; a stage does not
    get color() {
      return showsColor()
    },
    readInput,
    openSystem: ({ logToStdout, log, trace, listen }) =>
      createSystem({ log: heardBy(log ?? openLog({ toStdout: logToStdout }), listen), trace }),
  })
}

/** What no command has made a message of is a defect of ours: said in the same shape, never as a stack trace. */
function defect(error: unknown): number {
  writeError(formatFailure('firstlight', error))
  return 1
}

// Node ends with 0 when nothing is left to wait for, whether a command has finished or not: that is no success.
process.exitCode = 1
process.once('beforeExit', () =>
  defect(new Error('nothing is left to wait for, and the command has not ended')),
)

// Of an event, or a promise that nobody has. Where stages share a process, it is for that process to say whose it is.
process.on('uncaughtException', (error) => {
  if (process.listenerCount('uncaughtException') === 1) process.exit(defect(error))
})

// no top-level await: the executable's bundle is CommonJS
void main(process.argv)
  .catch(defect)
  .then((code) => process.exit(code))
