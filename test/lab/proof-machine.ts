import { mkdtempSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after } from 'node:test'
import { gzipSync } from 'node:zlib'
import { runStage } from '../../src/engine.ts'
import type { StageName } from '../../src/stages.ts'
import { emptyState, type State } from '../../src/state.ts'
import { createSystem } from '../../src/system/real.ts'
import type { System } from '../../src/system/system.ts'
import { sh } from './loop.ts'

export interface Boot {
  readonly config: object
  /** The kernel command line. */
  readonly commandLine?: string
  /** Programs that the image does not have. */
  readonly without?: readonly string[]
  /** Programs that the image has besides: name → script. */
  readonly scripts?: Readonly<Record<string, string>>
  readonly root?: string
}

/** How a boot went as far as the stage that makes filesystems. */
export interface Booted {
  readonly failure: string | undefined
  /** The stage that failed. */
  readonly stage: StageName | undefined
  readonly messages: readonly string[]
  /** Runs one more stage, or one again. */
  readonly run: (stage: StageName) => Promise<void>
}

/** Runs the stages of a boot in order, up to the first that fails. */
export async function boot({
  config,
  commandLine = '',
  without = [],
  scripts = {},
  root,
}: Boot): Promise<Booted> {
  const folder = mkdtempSync('/run/boot-')
  writeFileSync(`${folder}/config.ign`, JSON.stringify({ ignition: { version: '3.4.0' }, ...config }))
  writeFileSync(`${folder}/cmdline`, `${commandLine}\n`)
  const messages: string[] = []
  const system = hurried(
    createSystem({
      log: (_, message) => void messages.push(message),
      environment: {
        PATH: image(folder, without, scripts),
        TMPDIR: '/run',
        IGNITION_CONFIG_FILE: `${folder}/config.ign`,
        IGNITION_KERNEL_CMDLINE_PATH: `${folder}/cmdline`,
        FIRSTLIGHT_RUN_DIR: folder,
      },
    }),
  )
  let state: State = emptyState
  const run = async (stage: StageName) => {
    state = await runStage({
      system,
      stage,
      platform: 'file',
      root: root ?? `${folder}/root`,
      cachePath: `${folder}/ignition.json`,
      needNetworkPath: `${folder}/neednet`,
      fetchTimeoutSeconds: 10,
      state,
      keepState() {},
    })
  }
  for (const stage of ['fetch', 'kargs', 'disks'] as const) {
    try {
      await run(stage)
    } catch (error) {
      const { code, message } = error as Error & { readonly code: string }
      return { failure: `${code}: ${message}`, stage, messages, run }
    }
  }
  return { failure: undefined, stage: undefined, messages, run }
}

/** The guest's PATH, or one with links to its programs, save some. */
function image(
  folder: string,
  without: readonly string[],
  scripts: Readonly<Record<string, string>>,
): string {
  if (without.length === 0 && Object.keys(scripts).length === 0) return '/usr/sbin:/usr/bin'
  const path = `${folder}/bin`
  sh('mkdir', path)
  const left = new Set([...without, ...Object.keys(scripts)])
  for (const directory of ['/usr/sbin', '/usr/bin'])
    for (const name of readdirSync(directory)) {
      if (left.has(name)) continue
      left.add(name)
      symlinkSync(`${directory}/${name}`, `${path}/${name}`)
    }
  for (const [name, text] of Object.entries(scripts)) writeFileSync(`${path}/${name}`, text, { mode: 0o755 })
  return path
}

/** Waits pass thirty times faster: 90 seconds for a device that never comes are three. */
const hurry = 30

function hurried(system: System): System {
  return {
    ...system,
    monotonic: () => system.monotonic() * hurry,
    sleep: async (milliseconds, signal) => system.sleep(milliseconds / hurry, signal),
    scoped: (prefix) => hurried(system.scoped(prefix)),
    operation: async (description, work) =>
      system.operation(description, async (inner) => work(hurried(inner))),
  }
}

const answers: Readonly<Record<string, (response: ServerResponse) => void>> = {
  '/good': (response) => response.end('good contents'),
  '/packed': (response) => response.end(gzipSync('good contents')),
  '/missing': (response) => response.writeHead(404).end(),
  '/forbidden': (response) => response.writeHead(403).end(),
  '/broken': (response) => response.writeHead(500).end(),
  '/busy': (response) => response.writeHead(503, { 'retry-after': '1' }).end(),
  '/truncated': (response) => {
    response.writeHead(200, { 'content-length': '1000' })
    response.write('a part')
    setTimeout(() => response.destroy(), 20)
  },
  '/loop': (response) => response.writeHead(302, { location: '/loop' }).end(),
  '/large': (response) => response.end(Buffer.alloc(3 * 1024 * 1024)),
  '/silent': () => undefined,
}

/** A server of the guest, with something wrong under most of its paths. */
export async function startServer(): Promise<{ readonly url: string; readonly asked: readonly string[] }> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    const answer = answers[request.url ?? '']
    if (answer) answer(response)
    else response.writeHead(404).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  after(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}
