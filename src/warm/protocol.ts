/**
 * How a stage's unit (`dracut/30firstlight/firstlight-stage`) and the process that runs all stages talk: two FIFOs for
 * each stage. The unit writes one line, its process id; the answer is lines of the words below, then the end.
 */

/** The stage begins now; without this line nothing of it has been done. */
export const taken = 'taken\n'

/** The unit is to run the stage by itself. Nothing of it has been done. */
export const alone = 'alone\n'

/** The stage has ended with this exit code; the last line. */
export const ended = (code: number): string => `exit ${code}\n`

/** Text for the unit's own output, a line of the answer for each of its lines. */
export function outputLines(stream: 'out' | 'err', text: string): string {
  const whole = text.endsWith('\n') ? text.slice(0, -1) : text
  return whole
    .split('\n')
    .map((line) => `${stream} ${line}\n`)
    .join('')
}

/** The process id that a unit wrote; undefined for anything else. */
export function parseRequest(line: string): number | undefined {
  return /^[1-9]\d{0,9}$/.test(line) ? Number(line) : undefined
}

/** The stage that the arguments of a unit name, as the shell of the unit finds it: the last one. */
export function stageArgument(args: readonly string[]): string | undefined {
  return args.findLast((argument) => /^--?stage=/.test(argument))?.replace(/^--?stage=/, '')
}
