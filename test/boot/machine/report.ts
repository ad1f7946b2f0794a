/** One thing at a path of the guest's root file system. */
interface PathReport {
  /** As `stat` calls it: `regular file`, `directory`, `symbolic link`. */
  readonly type: string
  /** Permission bits, octal digits. */
  readonly mode: string
  readonly uid: number
  readonly gid: number
  readonly user: string
  readonly group: string
  readonly bytes: number
  /** SHA-256 of a file's contents, target of a link, `-` for others. */
  readonly content: string
}

/** What the service manager did with one unit; times in seconds since the kernel started. */
export interface UnitReport {
  readonly startingAt?: number
  readonly startedAt?: number
  readonly stoppedAt?: number
  readonly failedAt?: number
}

/** A message in the journal, with the unit that the journal holds to be its origin. */
interface LogLine {
  readonly message: string
  readonly unit: string | undefined
}

/** What the guest says at the end of a boot (image/root/usr/libexec/machine-report). */
export interface Report {
  readonly reason: 'real-root' | 'emergency'
  readonly commandLine: string
  readonly failedUnits: readonly string[]
  /** Undefined: there is nothing at the path. */
  readonly paths: ReadonlyMap<string, PathReport | undefined>
  /** Lines of /etc/passwd. */
  readonly passwd: readonly string[]
  /** User → SHA-256 of the field in /etc/shadow. */
  readonly passwords: ReadonlyMap<string, string>
  /** Links in /etc/systemd/system → target. */
  readonly unitLinks: ReadonlyMap<string, string>
  /** Text of /etc/.ignition-result.json. */
  readonly result?: string
  readonly units: ReadonlyMap<string, UnitReport>
  /** What Ignition logged, oldest first. */
  readonly ignitionLog: readonly LogLine[]
  /** Text of the boot trace. */
  readonly trace?: string
  /** Seconds since the kernel started, at the end of the report. */
  readonly uptimeSeconds: number
}

/** systemd's message ids, see `sd-messages.h`. */
const unitMessages: Readonly<Record<string, keyof UnitReport>> = {
  '7d4958e842da4a758f6c1cdc7b36dcc5': 'startingAt',
  '39f53479d3a045ac8e11786248231fbf': 'startedAt',
  '9d1aaa27d60140bd96365438aad20286': 'stoppedAt',
  d9b373ed55a64feb8242e02dbe79a49c: 'failedAt',
}

/** Reads a report; undefined when the guest did not come to its end. */
export function parseReport(text: string): Report | undefined {
  const records = text.split('\n').map((line) => line.split('\t'))
  if (!records.some(([kind]) => kind === 'end')) return undefined
  const rows = (kind: string) =>
    records.filter((record) => record[0] === kind).map((record) => record.slice(1))
  const first = (kind: string) => rows(kind)[0]?.join('\t')
  const pairs = (kind: string) => new Map(rows(kind).map(([key = '', value = '']) => [key, value]))
  const result = first('result')
  const trace = rows('trace').map((fields) => fields.join('\t'))
  return {
    reason: first('reason') === 'real-root' ? 'real-root' : 'emergency',
    commandLine: first('command-line') ?? '',
    failedUnits: rows('failed').map(([unit = '']) => unit),
    paths: new Map(rows('path').map(([path = '', ...fields]) => [path, pathReport(fields)])),
    passwd: rows('passwd').map(([line = '']) => line),
    passwords: pairs('password'),
    unitLinks: pairs('link'),
    ...(result === undefined ? {} : { result }),
    ...(trace.length === 0 ? {} : { trace: trace.join('\n') }),
    units: unitReports(rows('journal').map((fields) => fields.join('\t'))),
    ignitionLog: rows('ignition').map((fields) => logLine(fields.join('\t'))),
    uptimeSeconds: Number(first('uptime')),
  }
}

function pathReport(fields: readonly string[]): PathReport | undefined {
  const [type = '', mode = '', uid, gid, user = '', group = '', bytes, content = ''] = fields
  if (type === 'absent') return undefined
  return { type, mode, uid: Number(uid), gid: Number(gid), user, group, bytes: Number(bytes), content }
}

function logLine(json: string): LogLine {
  const { MESSAGE = '', _SYSTEMD_UNIT: unit } = JSON.parse(json) as Record<string, string>
  return { message: MESSAGE, unit }
}

function unitReports(journal: readonly string[]): Map<string, UnitReport> {
  const units = new Map<string, UnitReport>()
  for (const line of journal) {
    const entry = JSON.parse(line) as Record<string, string | undefined>
    const unit = entry['UNIT']
    const what = unitMessages[entry['MESSAGE_ID'] ?? '']
    if (unit === undefined || what === undefined) continue
    const seconds = Number(entry['__MONOTONIC_TIMESTAMP']) / 1e6
    units.set(unit, { ...units.get(unit), [what]: seconds })
  }
  return units
}
