import { IgnitionError } from '../errors.ts'
import { createMemory } from '../resources/memory.ts'
import { createPatience } from '../resources/patience.ts'
import type { System } from '../system/system.ts'
import type { Answer, VsockSource } from './source.ts'

/** Where the kernel shows AF_VSOCK. */
const device = '/sys/devices/virtual/misc/vsock'

const timeouts = { connectSeconds: 30, tlsHandshakeSeconds: 10, responseHeadersSeconds: 30 }

/** Asks the host for the config. There is one question; whatever the status, the body is the config. */
export async function readOverVsock(options: {
  readonly system: System
  readonly source: VsockSource
  readonly platform: string
}): Promise<Answer> {
  const { system, source, platform } = options
  if (system.files.stat(device) === undefined)
    await system.run('modprobe', ['vsock'], { description: 'loading kernel module vsock' })
  const patience = createPatience({ system, what: nameOf(source) })
  const bytes = await patience.explaining(async () => ask(system, source))
  if (bytes.length === 0) return { kind: 'empty', reason: `the host answers nothing at ${nameOf(source)}` }
  return { kind: 'found', bytes, source: platform, place: nameOf(source) }
}

const nameOf = ({ cid, port }: VsockSource): string => `vsock port ${port} of CID ${cid}`

async function ask(system: System, source: VsockSource): Promise<Uint8Array> {
  const memory = createMemory(nameOf(source))
  try {
    const { status, body } = await system.request({
      method: 'GET',
      url: 'http://d/',
      headers: [
        ['Accept', 'application/json'],
        ['Connection', 'close'],
      ],
      vsock: { cid: source.cid, port: source.port },
      timeouts,
      certificateAuthorities: [],
    })
    for await (const chunk of body) memory.take(chunk)
    if (status !== 200) system.log('warning', `${nameOf(source)} answers with status ${status}`)
  } catch (cause) {
    if (cause instanceof IgnitionError) throw cause
    throw new IgnitionError({
      code: 'FL_CONFIG_UNREADABLE',
      message: `cannot ask the host for the config at ${nameOf(source)}: ${cause instanceof Error ? cause.message : String(cause)}`,
      cause,
    })
  }
  return memory.bytes()
}
