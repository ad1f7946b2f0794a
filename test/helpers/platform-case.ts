import { readFileSync } from 'node:fs'
import { readPlatform } from '../../src/platforms/read.ts'
import { createFetcher } from '../../src/resources/fetch.ts'
import type { Files, System } from '../../src/system/system.ts'
import { type Emulator, type Exchange, emulate, redirected } from './emulator.ts'
import { fakeSystem } from './fake-system.ts'
import { realSystem } from './real-system.ts'

type Tree = Readonly<Record<string, string>>

/** What a platform has for one machine: `fixtures/platforms/<id>/found.json`. */
export interface PlatformCase {
  readonly exchanges?: readonly Exchange[]
  readonly drive?: { readonly label: string; readonly files: Tree }
  /** Block devices that blkid knows, with the filesystem and what is on it. */
  readonly discs?: Readonly<Record<string, { readonly type: string; readonly files: Tree }>>
  readonly files?: Tree
  readonly environment?: Readonly<Record<string, string>>
  readonly answer?: 'empty'
}

export const CONFIG = '{"ignition":{"version":"3.4.0"}}'

export const fixtures = new URL('../../fixtures/platforms/', import.meta.url)

export const caseOf = (platform: string): PlatformCase =>
  JSON.parse(readFileSync(new URL(`${platform}/found.json`, fixtures), 'utf8'))

/** A machine in memory with what the case says; its requests go to a real server through the real door. */
export function machineOf(given: PlatformCase, emulator: Emulator) {
  const { files = {}, environment = {}, drive, discs = {} } = given
  const fake = fakeSystem({
    environment: { ...environment },
    files: {
      '/dev/disk/by-label/x': '',
      ...(drive ? { [`/dev/disk/by-label/${drive.label}`]: '' } : {}),
      ...files,
    },
    programs: ({ program, args }, tree) => {
      if (program === 'blkid') {
        const found = Object.entries(discs).filter(([, { type }]) => args.includes(`TYPE=${type}`))
        return { exitCode: found.length > 0 ? 0 : 2, stdout: found.map(([device]) => `${device}\n`).join('') }
      }
      if (program !== 'mount') return {}
      const [device = '', target = ''] = args.slice(-2)
      const onDisc = discs[device]
      if (onDisc && !args.includes(onDisc.type)) return { exitCode: 32, stderr: 'wrong fs type' }
      unpack(tree, target, onDisc?.files ?? drive?.files ?? {})
      return {}
    },
  })
  const real = redirected(realSystem().system, emulator)
  const system: System = { ...fake, request: (request) => real.request(request) }
  return { fake, system, fetcher: createFetcher({ system, offline: false }) }
}

function unpack(tree: Files, target: string, files: Tree): void {
  for (const [path, content] of Object.entries(files)) {
    const parts = path.split('/').slice(1, -1)
    for (let depth = 1; depth <= parts.length; depth++)
      tree.makeDirectory(`${target}/${parts.slice(0, depth).join('/')}`, { mode: 0o755 })
    tree.write(`${target}${path}`, content, { mode: 0o644 })
  }
}

/** Asks a platform for the config as the case has it. */
export async function ask(platform: string, given: PlatformCase) {
  const emulator = await emulate(given.exchanges ?? [])
  const { fake, system, fetcher } = machineOf(given, emulator)
  const answer = await readPlatform({ system, fetcher, platform })
  const text = answer.kind === 'found' ? new TextDecoder().decode(answer.bytes) : undefined
  return { emulator, fake, answer, text }
}
