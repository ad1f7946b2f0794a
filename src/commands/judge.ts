import { oneForEachMistake } from '../spec/one-each.ts'
import { readConfig } from '../spec/read-config.ts'
import type { Report, Severity } from '../spec/report.ts'
import { suggestFor } from '../spec/suggest.ts'
import type { LocalFiles } from '../spec/yaml/local.ts'
import type { YamlOutcome } from '../spec/yaml/parse.ts'
import type { ValidateInput } from './ignition-validate.ts'

/** What there is to say about one file. */
export interface Judgement {
  /** As it was given; `-` is standard input. */
  readonly file: string
  /** Undefined when it could not be read. */
  readonly bytes: Uint8Array | undefined
  /** One entry for each mistake. */
  readonly report: Report
  readonly outcome: YamlOutcome | undefined
}

/** Rules of what is wrong with a whole file; no config can break them. */
export const wholeFileRules: Readonly<Record<string, string>> = {
  UNREADABLE: 'the file cannot be read',
  EMPTY: 'the file is empty',
  VERSION: 'the version is missing or not a known one',
}

/** Reads a file and everything that is wrong with it. */
export async function judge(
  input: ValidateInput,
  file: string,
  local: LocalFiles | undefined,
): Promise<Judgement> {
  let bytes: Uint8Array
  try {
    bytes = file === '-' ? input.readStdin() : input.readFile(file)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    const report = whole('UNREADABLE', `cannot be read: ${reason}`)
    return { file, bytes: undefined, report, outcome: undefined }
  }
  const outcome = await readConfig(bytes, { local, gzip })
  return { file, bytes, report: reportOf(outcome), outcome }
}

/** The best that gzip can do, without a time in it: the same contents always become the same text. */
const gzip = (bytes: Uint8Array): Uint8Array =>
  process.getBuiltinModule('node:zlib').gzipSync(bytes, { level: 9 })

function reportOf(outcome: YamlOutcome): Report {
  switch (outcome.kind) {
    case 'empty':
      return whole('EMPTY', 'is empty')
    case 'version':
      return whole('VERSION', outcome.message)
    case 'config':
    case 'invalid':
      return oneForEachMistake(outcome.report).map((entry) => {
        const hint = entry.hint ?? (entry.rule === 'UNUSED' ? suggestFor(entry.path) : undefined)
        return hint === undefined ? entry : { ...entry, hint }
      })
  }
}

const whole = (rule: string, message: string): Report => [{ severity: 'error', rule, message, path: [] }]

/** How many entries of one severity there are. */
export const countOf = (judgements: readonly Judgement[], severity: Severity): number =>
  judgements.reduce(
    (total, { report }) => total + report.filter((entry) => entry.severity === severity).length,
    0,
  )
