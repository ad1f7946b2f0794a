import { firstlightArguments } from '../firstlight-arguments.ts'
import type { System } from '../system/system.ts'

/** By which ways the outcome report leaves the machine. */
export interface ReportWays {
  /** The member `firstlight` of the result file. */
  readonly file: boolean
  /** A record in the journal. */
  readonly journal: boolean
  /** Name of a virtio-serial port that is written to when it is there. */
  readonly port: string | undefined
  /** Where it is sent by HTTP; nowhere unless told. */
  readonly url: string | undefined
  /** What Azure's host is told on the platform azure, of the machine as a whole. */
  readonly azure: 'none' | 'failure' | 'all'
  /** Hyper-V's data exchange, on the platforms azure and hyperv. */
  readonly kvp: boolean
  /** Equinix Metal's events, on the platform packet, after every stage. */
  readonly packet: boolean
}

const isOn = (text: string): boolean | undefined =>
  /^(?:yes|on|1)$/.test(text) ? true : isOff(text) ? false : undefined

const isOff = (text: string): boolean => /^(?:no|off|0|none)$/.test(text)

const name = (text: string): string | undefined => (/^[\w.-]+$/.test(text) ? text : undefined)

const url = (text: string): string | undefined => (/^https?:\/\/[^\s/]/i.test(text) ? text : undefined)

const azureWays: Readonly<Record<string, ReportWays['azure']>> = { failure: 'failure', all: 'all' }

/**
 * Reads `firstlight.report_WAY=VALUE` from the kernel command line and `WAY=VALUE` from the drop-ins of the image; the
 * kernel command line counts more. A value that is not understood says nothing.
 */
export function readReportWays(system: System): ReportWays {
  const given = new Map(readDropIns(system))
  for (const [argument, text] of firstlightArguments(system))
    if (argument.startsWith(argumentPrefix)) given.set(argument.slice(argumentPrefix.length), text)
  const read = <Value>(
    way: string,
    meaning: (text: string) => Value | undefined,
    otherwise: Value,
  ): Value => {
    const text = given.get(way)
    if (text === undefined) return otherwise
    const value = meaning(text)
    if (value !== undefined) return value
    // not its value: a URL may have a secret in it
    system.log('warning', `the value of "${argumentPrefix}${way}" is not understood and ignored`)
    return otherwise
  }
  const offOr =
    <Value>(meaning: (text: string) => Value | undefined) =>
    (text: string) =>
      isOff(text) ? ({ value: undefined } as const) : wrap(meaning(text))
  return {
    file: read('file', isOn, true),
    journal: read('journal', isOn, true),
    port: read('port', offOr(name), { value: defaultPort }).value,
    url: read('url', offOr(url), { value: undefined }).value,
    azure: read('azure', (text) => (isOff(text) ? 'none' : azureWays[text]), 'failure'),
    kvp: read('kvp', isOn, true),
    packet: read('packet', isOn, true),
  }
}

const wrap = <Value>(value: Value | undefined) => (value === undefined ? undefined : { value })

const argumentPrefix = 'report_'

const defaultPort = 'org.firstlight.report'

/** Those of the vendor, then those of whoever made the image. */
const directories = ['/usr/lib/firstlight/report.d', '/etc/firstlight/report.d']

/** `WAY=VALUE` a line, in byte order of the files' names; lines that begin with # are for people. */
function readDropIns({ files, log }: System): readonly (readonly [string, string])[] {
  const paths = directories.flatMap((directory) =>
    files.stat(directory)?.type === 'directory'
      ? files.list(directory).flatMap((file) => (file.endsWith('.conf') ? [`${directory}/${file}`] : []))
      : [],
  )
  return paths.flatMap((path) => {
    try {
      return files.readText(path).split('\n').flatMap(readLine)
    } catch (error) {
      log('warning', `cannot read "${path}": ${error instanceof Error ? error.message : String(error)}`)
      return []
    }
  })
}

function readLine(line: string): readonly (readonly [string, string])[] {
  const equals = line.indexOf('=')
  if (equals < 0 || line.trimStart().startsWith('#')) return []
  return [[line.slice(0, equals).trim(), line.slice(equals + 1).trim()]]
}
