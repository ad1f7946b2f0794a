import { basename } from 'node:path/posix'
import { requirePrograms } from '../../block/require.ts'
import { readSignatures } from '../../block/signatures.ts'
import { readBlockDevice } from '../../block/sysfs.ts'
import { readUse } from '../../block/usage.ts'
import { nodeOf, waitForDevices } from '../../block/wait.ts'
import { IgnitionError, inPart } from '../../errors.ts'
import type { SectionContext } from '../../section.ts'
import { quote } from '../../system/quote.ts'
import type { Files, System } from '../../system/system.ts'
import { advertisementOf, serversToAsk, usesClevis } from './clevis.ts'
import { collectKey, type KeyRing, withKeyFile } from './key-ring.ts'
import { claimOf, isMarked } from './mark.ts'
import type { ConfigLuks, Header, LuksFacts, VolumeFacts } from './plan.ts'
import { luksPrograms } from './programs.ts'

const mapperPath = (name: string) => `/dev/mapper/${name}`

/**
 * Fetches keys and asks tang servers, waits for the devices, except those that the section itself brings, and looks
 * at what is on them.
 */
export async function observeLuks(context: SectionContext, ring: KeyRing): Promise<LuksFacts> {
  const { system, config } = context
  const { luks } = config.storage
  requirePrograms(system, luksPrograms(luks), 'making LUKS volumes')
  for (const volume of luks)
    await inPart({ part: volume, member: ['keyFile', 'source'] }, () => collectKey(context, ring, volume))
  await askTangServers(context)
  const ownPaths = new Set(luks.map(({ name }) => mapperPath(name)))
  const outer = luks.map(({ device = '' }) => device).filter((device) => !ownPaths.has(device))
  await waitForDevices(system, outer)
  const facts = new Map<string, VolumeFacts>()
  for (const volume of luks)
    facts.set(volume.name, await inPart({ part: volume }, () => observeVolume(context, ring, volume)))
  return facts
}

/**
 * Asks all tang servers of the config that have to answer while provisioning. The answer is clevis' business; asking
 * here brings up name resolution and says in our words what is wrong.
 */
export async function askTangServers(context: SectionContext): Promise<void> {
  for (const volume of context.config.storage.luks)
    await inPart({ part: volume, member: ['clevis', 'tang'] }, () => askServers(context, volume))
}

async function askServers({ fetch }: SectionContext, volume: ConfigLuks): Promise<void> {
  for (const server of serversToAsk(volume)) {
    try {
      await fetch.toMemory({ source: advertisementOf(server) })
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause)
      throw new IgnitionError({
        code: cause instanceof IgnitionError ? cause.code : 'FL_FETCH',
        message: `fetching tang advertisement for LUKS volume ${JSON.stringify(volume.name)}: ${reason}`,
        cause,
      })
    }
  }
}

/** The facts of one volume as it is now. */
export async function observeVolume(
  context: SectionContext,
  ring: KeyRing,
  volume: ConfigLuks,
): Promise<VolumeFacts> {
  const { system, earlier } = context
  const { files } = system
  const { device = '', name } = volume
  const hasKey = ring.keys.has(name)
  const node = files.stat(device)?.type === 'block' ? nodeOf(files, device) : undefined
  const opened = openedAs(system, name, node)
  const nothing = { signatures: [], header: undefined, keyFits: false, isBound: false, use: undefined }
  if (node === undefined) return { ...nothing, node, hasKey, opened, isOurs: false }
  const header = await readHeader(system, node)
  const isOpen = opened === 'volume' && header !== undefined
  const isOurs =
    (header?.version === 2 && isMarked(files, node)) ||
    earlier.look(claimOf(files, name, node)).kind === 'begun'
  if (isOurs)
    system.log(
      'notice',
      `LUKS volume ${quote(name)} on ${quote(device)} is unfinished work of an earlier run`,
    )
  return {
    node,
    hasKey,
    opened,
    header,
    isOurs,
    signatures: await readSignatures(system, node),
    use: useOf(files, isOurs && opened === 'volume' ? nodeOf(files, mapperPath(name)) : node),
    keyFits:
      (isOpen || (isOurs && header !== undefined)) && (await keyFits(system, ring.keys.get(name), node)),
    isBound: isOpen && usesClevis(volume) && (await isBound(system, node)),
  }
}

function useOf(files: Files, node: string): string | undefined {
  const device = readBlockDevice(files, node)
  return device && readUse(files)(device)
}

function openedAs({ files }: System, name: string, node: string | undefined): VolumeFacts['opened'] {
  const path = mapperPath(name)
  if (files.stat(path)?.type !== 'block') return 'no'
  const slaves = `/sys/class/block/${basename(nodeOf(files, path))}/slaves`
  const isVolume =
    node !== undefined && files.stat(slaves) !== undefined && files.list(slaves).includes(basename(node))
  return isVolume ? 'volume' : 'other'
}

/** Reads a LUKS header by cryptsetup; undefined when there is none. */
export async function readHeader(system: System, node: string): Promise<Header | undefined> {
  const answer = async (...args: readonly string[]) =>
    (await system.run('cryptsetup', ['isLuks', ...args], { accept: [0, 1, 4] })).exitCode === 0
  if (!(await answer(node, '--type', 'luks2'))) return (await answer(node)) ? { version: 1 } : undefined
  const { stdout: uuid } = await system.run('cryptsetup', ['luksUUID', node])
  const { stdout: json } = await system.run('cryptsetup', ['luksDump', '--dump-json-metadata', node])
  const { config = {} } = JSON.parse(json) as { readonly config?: { readonly flags?: readonly string[] } }
  const luks = (await readSignatures(system, node)).find(({ type }) => type === 'crypto_LUKS')
  return { version: 2, uuid: uuid.trim(), label: luks?.label ?? '', flags: config.flags ?? [] }
}

async function keyFits(system: System, key: Uint8Array | undefined, node: string): Promise<boolean> {
  if (!key) return false
  return withKeyFile(system, key, async (path) => {
    const args = ['luksOpen', '--test-passphrase', node, '--key-file', path]
    const { exitCode } = await system.run('cryptsetup', args, { accept: [0, 1, 2] })
    return exitCode === 0
  })
}

async function isBound(system: System, node: string): Promise<boolean> {
  const { exitCode, stdout } = await system.run('clevis', ['luks', 'list', '-d', node], { accept: [0, 1] })
  return exitCode === 0 && stdout.trim() !== ''
}
