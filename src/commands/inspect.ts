import { inspectMachine } from '../plan/inspect.ts'
import { formatGnuUsage, type GnuFlag } from './gnu-flags.ts'
import { ownCommand } from './own-command.ts'

const flags = {
  root: { kind: 'string', default: '/', usage: 'root whose accounts are described; empty for none' },
} satisfies Record<string, GnuFlag>

const usage = formatGnuUsage('firstlight inspect [options] > machine.json', flags)

/** `firstlight inspect`: describes this machine as JSON and changes nothing. */
export const inspect = ownCommand({
  name: 'firstlight inspect',
  flags,
  usage,
  wrong: ({ positionals }) => (positionals.length > 0 ? 'it takes no arguments' : undefined),
  async run({ stdout, stderr, openSystem }, { values: { root = '/' } }) {
    const system = openSystem({ logToStdout: false, log: () => undefined })
    const machine = await inspectMachine({ system, root: root === '' ? undefined : root })
    for (const reason of machine.unseen) stderr(`not seen: ${reason}\n`)
    stdout(`${JSON.stringify(machine, undefined, 1)}\n`)
    return 0
  },
})
