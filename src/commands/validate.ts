import type { LocalFiles } from '../spec/yaml/local.ts'
import { formatJson } from './format-json.ts'
import { formatSarif } from './format-sarif.ts'
import { formatText } from './format-text.ts'
import { type GnuFlag, parseGnuFlags } from './gnu-flags.ts'
import type { CommandResult, ValidateInput } from './ignition-validate.ts'
import { countOf, type Judgement, judge } from './judge.ts'

export interface ColouredInput extends ValidateInput {
  /** Whether the output goes to a terminal that shows colours. */
  readonly color: boolean
  /** Local files below a directory. */
  readonly localFiles: (directory: string) => LocalFiles
}

const usage = `Usage: firstlight validate [options] FILE...

Checks configs of any version: Ignition (JSON) or Butane (YAML). A FILE may be - for standard input.

  --strict         warnings fail too
  --format FORMAT  text (default), json or sarif
  --files-dir DIR  directory for the local files that a YAML config embeds
  --help           print this text and exit

Exit codes: 0 all configs are right, 1 some config is wrong, 2 wrong usage.
`

const flags = {
  strict: { kind: 'boolean', default: 'false', usage: 'warnings fail too' },
  format: { kind: 'string', default: 'text', usage: 'text, json or sarif' },
  'files-dir': { kind: 'string', default: '', usage: 'directory for local files' },
} satisfies Record<string, GnuFlag>

type Format = (judgements: readonly Judgement[], color: boolean) => string

const formats: Readonly<Record<string, Format>> = { text: formatText, json: formatJson, sarif: formatSarif }

/** Checks configs for a person, an editor or a pipeline. */
export async function runValidate(input: ColouredInput): Promise<CommandResult> {
  const parsed = parseGnuFlags(input.args, flags)
  switch (parsed.kind) {
    case 'help':
      return { stdout: usage, stderr: '', exitCode: 0 }
    case 'error':
      return wrongUsage(parsed.message)
    case 'parsed':
      break
  }
  const { values, positionals } = parsed
  const name = values['format'] ?? ''
  const format = Object.hasOwn(formats, name) ? formats[name] : undefined
  if (format === undefined) return wrongUsage(`--format is ${Object.keys(formats).join(', ')}`)
  if (positionals.length === 0) return wrongUsage('name a file to check')
  const directory = values['files-dir'] ?? ''
  const local = directory === '' ? undefined : input.localFiles(directory)
  const judgements: Judgement[] = []
  for (const file of positionals) judgements.push(await judge(input, file, local))
  const failed =
    countOf(judgements, 'error') > 0 || (values['strict'] === 'true' && countOf(judgements, 'warning') > 0)
  return { stdout: format(judgements, input.color), stderr: '', exitCode: failed ? 1 : 0 }
}

const wrongUsage = (reason: string): CommandResult => ({
  stdout: '',
  stderr: `${reason}\n${usage}`,
  exitCode: 2,
})
