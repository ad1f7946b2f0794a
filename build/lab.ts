import { runInGuest } from './lab/guest.ts'

// npm run lab -- COMMAND ARGUMENTS: one command in a throw-away Linux over this machine's files
const command = process.argv.slice(2)
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)
  process.on(signal, () => process.exit(code))
try {
  if (command.length === 0) throw new Error('Say what to run: npm run lab -- COMMAND [ARGUMENTS]')
  process.exitCode = await runInGuest({
    command,
    folder: process.cwd(),
    environment: {
      PATH: `${process.env['PATH']}:/usr/sbin:/sbin`,
      NODE_OPTIONS: process.env['NODE_OPTIONS'] ?? '',
    },
    onOutput: (stream, bytes) => process[stream].write(bytes),
  })
} catch (error) {
  console.error(`firstlight: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 1
}
