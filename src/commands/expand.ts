import { formatEntries, formatText } from './format-text.ts'
import { type GnuFlag, parseGnuFlags } from './gnu-flags.ts'
import type { CommandResult } from './ignition-validate.ts'
import { countOf, judge } from './judge.ts'
import type { ColouredInput } from './validate.ts'

const usage = `Usage: firstlight expand [options] FILE

Turns a Butane config (YAML) into the Ignition config that it stands for, and prints it. FILE may be - for standard input.

  --files-dir DIR  directory for the local files that the config embeds
  --strict         warnings fail too
  --help           print this text and exit

Exit codes: 0 done, 1 the config is wrong, 2 wrong usage.
`

const flags = {
  strict: { kind: 'boolean', default: 'false', usage: 'warnings fail too' },
  'files-dir': { kind: 'string', default: '', usage: 'directory for local files' },
} satisfies Record<string, GnuFlag>

/** Prints the Ignition config on standard output and what is wrong with it on standard error. */
export async function runExpand(input: ColouredInput): Promise<CommandResult> {
  const parsed = parseGnuFlags(input.args, flags)
  if (parsed.kind === 'help') return { stdout: usage, stderr: '', exitCode: 0 }
  if (parsed.kind === 'error') return wrongUsage(parsed.message)
  const { values, positionals } = parsed
  const [file, ...others] = positionals
  if (file === undefined || others.length > 0) return wrongUsage('name one file to expand')
  const directory = values['files-dir'] ?? ''
  const judgement = await judge(input, file, directory === '' ? undefined : input.localFiles(directory))
  const { outcome, bytes } = judgement
  const isStrict = values['strict'] === 'true' && countOf([judgement], 'warning') > 0
  if (outcome?.kind !== 'config' || isStrict)
    return { stdout: '', stderr: formatText([judgement], input.color), exitCode: 1 }
  // JSON is what it stands for
  const json = outcome.json ?? new TextDecoder().decode(bytes).trimEnd()
  return { stdout: `${json}\n`, stderr: formatEntries(judgement, input.color), exitCode: 0 }
}

const wrongUsage = (reason: string): CommandResult => ({
  stdout: '',
  stderr: `${reason}\n${usage}`,
  exitCode: 2,
})
