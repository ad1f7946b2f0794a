// The black-box runner: node test/blackbox/main.ts [--case NAME]... [--executable PATH] [--all-versions] [--json]
// It makes and destroys block devices, so it runs in the lab: `npm run lab -- node test/blackbox/main.ts`.
import { mkdir, symlink } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { atEveryVersion, loadCases } from './case.ts'
import { startHttpServer } from './http-server.ts'
import { run } from './program.ts'
import { runCase } from './run-case.ts'
import { startTftpServer } from './tftp-server.ts'

const accountTools = ['useradd', 'usermod', 'userdel', 'groupadd', 'groupmod', 'groupdel']

const { values } = parseArgs({
  options: {
    case: { type: 'string', multiple: true },
    executable: { type: 'string', default: join(import.meta.dirname, '..', '..', 'dist', 'ignition') },
    'all-versions': { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
})

/** A folder for PATH in which `ignition` is the program under test and the account tools are the stub. */
async function makePath(folder: string): Promise<string> {
  await mkdir(folder)
  await symlink(resolve(values.executable), join(folder, 'ignition'))
  for (const tool of accountTools)
    await symlink(join(import.meta.dirname, 'account-tool.sh'), join(folder, tool))
  return `${folder}:${process.env['PATH']}`
}

if (process.env['FIRSTLIGHT_LAB'] !== '1') {
  console.error(
    'This runner destroys block devices: run it in the lab, npm run lab -- node test/blackbox/main.ts',
  )
  process.exit(2)
}
process.umask(0o022)
const workFolder = '/run/blackbox'
await mkdir(workFolder)
await run('mount', ['-t', 'tmpfs', '-o', 'mode=755,size=100%', 'tmpfs', workFolder])
const env = { ...process.env, PATH: await makePath(join(workFolder, 'bin')) }
const servers = [await startHttpServer(), await startTftpServer()]
const chosen = loadCases()
  .flatMap((one) => (values['all-versions'] ? atEveryVersion(one) : [one]))
  .filter(
    ({ Name }) =>
      values.case === undefined || values.case.some((name) => Name.split(' ')[0] === name || Name === name),
  )
let failed = 0
for (const one of chosen) {
  const verdict = await runCase(one, { workFolder, env })
  if (!verdict.passed) failed++
  const line = `${verdict.passed ? 'ok  ' : 'FAIL'} ${verdict.name} ${verdict.seconds.toFixed(1)} s${verdict.said && `: ${verdict.said}`}`
  console.log(values.json ? JSON.stringify(verdict) : line)
}
for (const server of servers) server.close()
if (!values.json) console.log(`${chosen.length - failed} passed, ${failed} failed`)
process.exitCode = failed > 0 || chosen.length === 0 ? 1 : 0
