import { inspectMachine } from '../plan/inspect.ts'
import { formatGnuUsage, type GnuFlag, parseGnuFlags } from './gnu-flags.ts'
import type { Command } from './io.ts'

const flags = {
  root: { kind: 'string', default: '/', usage: 'root whose accounts are described; empty for none' },
} satisfies Record<string, GnuFlag>

const usage = formatGnuUsage('firstlight inspect [options] > machine.json', flags)

/** `firstlight inspect`: describes this machine as JSON and changes nothing. Exit codes: 0 done, 2 usage. */
export const inspect: Command = async ({ args, stdout, stderr, openSystem }) => {
  const parsed = parseGnuFlags(args, flags)
  if (parsed.kind === 'help') {
    stdout(usage)
    return 0
  }
  if (parsed.kind === 'error' || parsed.positionals.length > 0) {
    stderr(`${parsed.kind === 'error' ? parsed.message : 'it takes no arguments'}\n${usage}`)
    return 2
  }
  const root = parsed.values['root'] ?? '/'
  const system = openSystem({ logToStdout: false, log: () => undefined })
  const machine = await inspectMachine({ system, root: root === '' ? undefined : root })
  for (const reason of machine.unseen) stderr(`not seen: ${reason}\n`)
  stdout(`${JSON.stringify(machine, undefined, 1)}\n`)
  return 0
}
