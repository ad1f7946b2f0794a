import { programs } from '../src/system/programs.ts'
import { waits } from '../src/system/waits.ts'

/** The reference page of waits. */
export function waitPage(): string {
  const rows = Object.entries(waits).map(
    ([owner, { what, limit }]) =>
      `| ${owner} | ${what} | ${'seconds' in limit ? `${limit.seconds} s` : `ended by ${limit.endedBy}`} |`,
  )
  const limits = Object.values(programs).flatMap((program) =>
    'limitSeconds' in program ? [`| \`${program.file}\` | ${program.limitSeconds} s |`] : [],
  )
  return `# Waits

Everything that a boot waits for, and for how long at most. A wait that lasts 5 seconds is explained on the console and in the
journal (level notice), then again each time when it has lasted twice as long, at least every 5 minutes.

| who waits | what for | at most |
| --- | --- | --- |
${rows.join('\n')}

A helper program that runs for 5 seconds is named in the same way. These are killed at a limit, for they change nothing; the
[others run as long as they need](decisions/programs-without-limit.md).

| program | limit |
| --- | --- |
${limits.join('\n')}
`
}
