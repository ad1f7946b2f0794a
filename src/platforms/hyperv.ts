import { IgnitionError } from '../errors.ts'
import type { Device } from '../system/hypervisor-calls.ts'
import type { System } from '../system/system.ts'
import type { Answer, ProviderFile } from './source.ts'

/** Where the kernel's driver talks to whoever plays the daemon: `linux/hyperv.h`, struct hv_kvp_msg. */
const device = '/dev/vmbus/hv_kvp'
const driver = '/sys/bus/vmbus/drivers/hv_utils'
const messageBytes = 7432
const offsets = { operation: 0, pool: 1, keySize: 8, valueSize: 12, key: 16, value: 528 }
const keyBytes = 512
const valueBytes = 2048

const SET = 1
const REGISTER1 = 100
/** HV_E_FAIL */
const failed = 0x80004005

/** The pool that the host's administrator writes, and how many pools there are. */
const externalPool = 0
const pools = 5

/** Milliseconds without a message after which the host has said everything. */
const idle = 1000
const lookEvery = 20

const configKey = 'ignition.config'

interface Pair {
  readonly key: Uint8Array
  readonly value: Uint8Array
}

/**
 * Takes the pairs that the host sends. The config is the value of a key, or the values of numbered keys one after the
 * other. The pairs go to the files of hv_kvp_daemon, which does not get them again; nor does a second stage, for which
 * the files of the first are `kept`.
 */
export async function readFromHyperV(options: {
  readonly system: System
  readonly platform: string
  readonly kept?: readonly unknown[]
}): Promise<Answer> {
  const { system, platform, kept = [] } = options
  if (system.files.stat(driver) === undefined)
    await system.run('modprobe', ['hv_utils'], { description: 'loading kernel module hv_utils' })
  const received = await receivePairs(system)
  const pairs = received.map((fresh, pool) => (fresh.length > 0 ? fresh : keptPairs(kept, pool)))
  const files = Array.from({ length: pools }, (_, pool) => poolFile(pool, pairs[pool] ?? []))
  const bytes = configIn(pairs[externalPool] ?? [])
  if (bytes.length === 0)
    return { kind: 'empty', reason: `the host has no value for the key "${configKey}"`, files }
  return { kind: 'found', bytes, source: platform, place: `key "${configKey}" of the host`, files }
}

async function receivePairs(system: System): Promise<readonly Pair[][]> {
  const pairs: Pair[][] = Array.from({ length: pools }, () => [])
  const channel = open(await system.openHypervisor())
  try {
    const greeting = new Uint8Array(messageBytes)
    greeting[offsets.operation] = REGISTER1
    channel.write(greeting)
    for (let quiet = 0; quiet < idle; ) {
      if (!channel.isReadable()) {
        await system.sleep(lookEvery, 'hypervisor messages')
        quiet += lookEvery
        continue
      }
      quiet = 0
      take(channel, pairs)
    }
  } catch (cause) {
    throw unusable('cannot talk to the host', cause)
  } finally {
    channel.close()
  }
  return pairs
}

function open(hypervisor: { openDevice(path: string): Device }): Device {
  try {
    return hypervisor.openDevice(device)
  } catch (cause) {
    throw unusable('cannot open the device', cause)
  }
}

const unusable = (what: string, cause: unknown) =>
  new IgnitionError({
    code: 'FL_CONFIG_UNREADABLE',
    message: `${what} for Hyper-V data exchange "${device}": ${cause instanceof Error ? cause.message : String(cause)}`,
    cause,
  })

function take(channel: Device, pairs: readonly Pair[][]): void {
  const message = channel.read(messageBytes)
  if (message.length !== messageBytes)
    throw new Error(`a message has ${message.length} bytes, not ${messageBytes}`)
  const operation = message[offsets.operation]
  if (operation === REGISTER1) return
  const pool = pairs[message[offsets.pool] ?? pools]
  if (operation === SET) pool?.push(pairIn(message))
  const reply = new Uint8Array(messageBytes)
  new DataView(reply.buffer).setUint32(0, operation === SET ? 0 : failed, true)
  channel.write(reply)
}

/** Sizes count the NUL at the end. */
function pairIn(message: Uint8Array): Pair {
  const sizes = new DataView(message.buffer, message.byteOffset)
  const part = (start: number, size: number, limit: number) =>
    message.slice(start, start + Math.min(Math.max(size - 1, 0), limit))
  return {
    key: part(offsets.key, sizes.getUint32(offsets.keySize, true), keyBytes),
    value: part(offsets.value, sizes.getUint32(offsets.valueSize, true), valueBytes),
  }
}

/** Values are about 1 KiB at most, hence the numbered keys. */
function configIn(pairs: readonly Pair[]): Uint8Array {
  const named = (name: string) => pairs.find(({ key }) => new TextDecoder().decode(key) === name)?.value
  const whole = named(configKey)
  if (whole !== undefined && whole.length > 0) return whole
  const parts: Uint8Array[] = []
  for (let part = named(`${configKey}.0`); part !== undefined; ) {
    parts.push(part)
    part = named(`${configKey}.${parts.length}`)
  }
  return Buffer.concat(parts)
}

/** The pairs of a pool in the file that an earlier stage made of them. */
function keptPairs(kept: readonly unknown[], pool: number): Pair[] {
  const file = (kept as readonly Partial<ProviderFile>[]).find(({ path }) => path === pathOf(pool))
  const { source = '' } = file?.contents ?? {}
  const content = Buffer.from(source.slice(source.indexOf(',') + 1), 'base64')
  const count = Math.floor(content.length / (keyBytes + valueBytes))
  return Array.from({ length: count }, (_, index) => {
    const pair = content.subarray(index * (keyBytes + valueBytes), (index + 1) * (keyBytes + valueBytes))
    return { key: withoutPadding(pair.subarray(0, keyBytes)), value: withoutPadding(pair.subarray(keyBytes)) }
  })
}

const withoutPadding = (bytes: Uint8Array): Uint8Array =>
  bytes.subarray(0, bytes.findLastIndex((byte) => byte !== 0) + 1)

const pathOf = (pool: number): string => `/var/lib/hyperv/.kvp_pool_${pool}`

function poolFile(pool: number, pairs: readonly Pair[]): ProviderFile {
  const content = Buffer.alloc(pairs.length * (keyBytes + valueBytes))
  for (const [index, { key, value }] of pairs.entries()) {
    const start = index * (keyBytes + valueBytes)
    content.set(key, start)
    content.set(value, start + keyBytes)
  }
  return {
    path: pathOf(pool),
    mode: 0o600,
    overwrite: true,
    contents: { source: `data:;base64,${content.toString('base64')}` },
  }
}
