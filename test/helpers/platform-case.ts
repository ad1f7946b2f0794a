import { readFileSync } from 'node:fs'
import { acquireConfig } from '../../src/acquire/acquire.ts'
import { readPlatform } from '../../src/platforms/read.ts'
import { createFetcher } from '../../src/resources/fetch.ts'
import type { Fetcher } from '../../src/resources/settings.ts'
import type { Hypervisor } from '../../src/system/hypervisor-calls.ts'
import type { Files, System } from '../../src/system/system.ts'
import { type Emulator, type Exchange, emulate, redirected } from './emulator.ts'
import { fakeSystem } from './fake-system.ts'
import { hyperv, type KvpPair, virtualbox, vmware } from './hypervisors.ts'
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
  readonly architecture?: string
  /** Pairs that Hyper-V sends. */
  readonly kvp?: readonly KvpPair[]
  /** Properties of VirtualBox. */
  readonly guestProperties?: Tree
  /** Variables of VMware. */
  readonly guestVariables?: Tree
  /** What the host answers over AF_VSOCK. */
  readonly vsock?: string
  /** The card reader: what `vmur` lists, and spool id → contents. */
  readonly reader?: { readonly list: string; readonly files: Tree }
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
    hypervisor: hypervisorOf(given),
    architecture: given.architecture ?? 'x64',
    server: () => (given.vsock === undefined ? new Error('no host') : { body: given.vsock }),
    environment: { ...environment },
    files: {
      '/proc/cmdline': '',
      '/dev/disk/by-label/x': '',
      ...(drive ? { [`/dev/disk/by-label/${drive.label}`]: '' } : {}),
      ...files,
    },
    programs: ({ program, args }, tree) => {
      if (program === 'blkid') {
        const found = Object.entries(discs).filter(([, { type }]) => args.includes(`TYPE=${type}`))
        return { exitCode: found.length > 0 ? 0 : 2, stdout: found.map(([device]) => `${device}\n`).join('') }
      }
      if (program === 'vmur') return useReader(given, args, tree)
      if (program !== 'mount') return {}
      const [device = '', target = ''] = args.slice(-2)
      const onDisc = discs[device]
      if (onDisc && !args.includes(onDisc.type)) return { exitCode: 32, stderr: 'wrong fs type' }
      unpack(tree, target, onDisc?.files ?? drive?.files ?? {})
      return {}
    },
  })
  const real = redirected(realSystem().system, emulator)
  const system: System = {
    ...fake,
    request: (request) => (request.vsock ? fake : real).request(request),
  }
  return { fake, system, fetcher: createFetcher({ system, offline: false }) }
}

/** As `machineOf`, in a time that runs so many times as fast: for servers that are waited for in vain. */
export function hastyMachineOf(given: PlatformCase, emulator: Emulator, haste: number) {
  const { fake, system: unhurried } = machineOf(given, emulator)
  const { system: real } = realSystem()
  const system: System = {
    ...unhurried,
    sleep: async (milliseconds, ...rest) => real.sleep(milliseconds / haste, ...rest),
    monotonic: () => real.monotonic() * haste,
    // ports are drawn by it, and those that are taken twice cannot be used
    random: (length) => real.random(length),
    request: async ({ timeouts, ...request }) =>
      unhurried.request({
        ...request,
        timeouts: { ...timeouts, responseHeadersSeconds: timeouts.responseHeadersSeconds / haste },
      }),
  }
  return { fake, system, fetcher: createFetcher({ system, offline: false }) }
}

/** Gets a machine's user config as a fetch stage does; `timeoutSeconds` for each fetch, 0 is no limit. */
export const acquire = async (
  platform: string,
  machine: { readonly system: System; readonly fetcher: Fetcher },
  timeoutSeconds = 0,
) =>
  acquireConfig({
    ...machine,
    platform,
    timeoutSeconds,
    providerFiles: { kept: [], keep: () => undefined },
  })

function hypervisorOf({ kvp, guestProperties, guestVariables }: PlatformCase): Partial<Hypervisor> {
  if (kvp) return hyperv(kvp).hypervisor
  if (guestProperties) return virtualbox(new Map(Object.entries(guestProperties))).hypervisor
  return guestVariables ? vmware(new Map(Object.entries(guestVariables))).hypervisor : {}
}

function useReader({ reader }: PlatformCase, args: readonly string[], tree: Files) {
  const [command, , id = '', file = ''] = args
  if (command === 'li') return { stdout: reader?.list ?? '' }
  const content = reader?.files[id]
  if (content === undefined) return { exitCode: 1, stderr: `no spool file ${id}` }
  tree.write(file, content, { mode: 0o600 })
  return {}
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
