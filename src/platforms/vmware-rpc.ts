import { IgnitionError } from '../errors.ts'
import type { Hypervisor, Registers } from '../system/hypervisor-calls.ts'

/** Sends one request to VMware and answers its reply. */
export type Rpc = (request: Uint8Array) => Uint8Array

/** The port that VMware takes, as open-vm-tools (lib/backdoor, lib/message) and Linux (drm/vmwgfx) use it. */
const magic = 0x564d5868
const port = 0x5658
const commands = { version: 10, message: 0x1e }
const types = {
  open: 0,
  sendSize: 1,
  sendPayload: 2,
  receiveSize: 3,
  receivePayload: 4,
  receiveStatus: 5,
  close: 6,
}
const status = { success: 1, doReceive: 2, checkpoint: 0x10 }

/** `RPCI`, and the flag that asks for a cookie. */
const protocol = 0x49435052
const cookieFlag = 0x80000000

const wordBytes = 4
/** A request that a snapshot interrupts is begun anew, but not for ever. */
const tries = 10

const vendor = 'VMwareVMware'
const hypervisorBit = 0x80000000

const none: Registers = { eax: 0, ebx: 0, ecx: 0, edx: 0, esi: 0, edi: 0 }

/** Undefined when this is not a machine of VMware's. */
export function openRpc({ execute }: Pick<Hypervisor, 'execute'>): Rpc | undefined {
  if (!isVmware(execute)) return undefined
  const { eax: version } = execute('in', { ...none, eax: magic, ecx: commands.version, edx: port })
  if (version === 0 || version === 0xffffffff) return undefined
  return (request) => {
    for (let attempt = 1; attempt <= tries; attempt++) {
      const reply = exchange(execute, request)
      if (reply !== 'interrupted') return reply
    }
    throw failed('was interrupted too often')
  }
}

function isVmware(execute: Hypervisor['execute']): boolean {
  const { ecx } = execute('cpuid', { ...none, eax: 1 })
  if ((ecx & hypervisorBit) === 0) return false
  const leaf = execute('cpuid', { ...none, eax: 0x40000000 })
  const words = new Uint8Array(12)
  const view = new DataView(words.buffer)
  for (const [index, word] of [leaf.ebx, leaf.ecx, leaf.edx].entries()) view.setUint32(index * 4, word, true)
  return new TextDecoder().decode(words) === vendor
}

const failed = (what: string) =>
  new IgnitionError({ code: 'FL_CONFIG_UNREADABLE', message: `asking VMware for guest variables ${what}` })

/** A channel for one request and one reply: what is sent in EBX, and what comes back. */
type Send = (type: number, ebx: number) => { readonly state: number; readonly ebx: number }

function exchange(execute: Hypervisor['execute'], request: Uint8Array): Uint8Array | 'interrupted' {
  const send = openChannel(execute)
  try {
    return sendRequest(send, request) ?? receiveReply(send)
  } finally {
    send(types.close, 0)
  }
}

function openChannel(execute: Hypervisor['execute']): Send {
  const call = (type: number, rest: Partial<Registers>) =>
    execute('in', { ...none, eax: magic, ecx: commands.message | (type << 16), ...rest })
  const open = (ebx: number) => call(types.open, { ebx: ebx >>> 0, edx: port })
  let opened = open(protocol | cookieFlag)
  if (((opened.ecx >>> 16) & status.success) === 0) opened = open(protocol)
  if (((opened.ecx >>> 16) & status.success) === 0) throw failed('failed: it opens no channel')
  const channel = (opened.edx & 0xffff0000) >>> 0
  const { esi, edi } = opened
  return (type, ebx) => {
    const answer = call(type, { ebx: ebx >>> 0, edx: (channel | port) >>> 0, esi, edi })
    return { state: answer.ecx >>> 16, ebx: answer.ebx }
  }
}

/** Word by word, which is slower than VMware's other port and works with encrypted memory too. */
function sendRequest(send: Send, request: Uint8Array): 'interrupted' | undefined {
  const step = (type: number, ebx: number): boolean => {
    const { state } = send(type, ebx)
    if ((state & status.success) !== 0) return true
    if ((state & status.checkpoint) !== 0) return false
    throw failed('failed: it does not take the request')
  }
  if (!step(types.sendSize, request.length)) return 'interrupted'
  const words = new DataView(new ArrayBuffer(Math.ceil(request.length / wordBytes) * wordBytes))
  new Uint8Array(words.buffer).set(request)
  for (let at = 0; at < request.length; at += wordBytes)
    if (!step(types.sendPayload, words.getUint32(at, true))) return 'interrupted'
  return undefined
}

function receiveReply(send: Send): Uint8Array | 'interrupted' {
  const size = send(types.receiveSize, 0)
  if ((size.state & status.checkpoint) !== 0) return 'interrupted'
  if ((size.state & status.success) === 0) throw failed('failed: there is no reply')
  if ((size.state & status.doReceive) === 0) return new Uint8Array()
  const words = new DataView(new ArrayBuffer(Math.ceil(size.ebx / wordBytes) * wordBytes))
  for (let at = 0; at < size.ebx; at += wordBytes) {
    const { state, ebx } = send(types.receivePayload, status.success)
    if ((state & status.checkpoint) !== 0) return 'interrupted'
    if ((state & status.success) === 0) throw failed('failed: the reply ends early')
    words.setUint32(at, ebx >>> 0, true)
  }
  send(types.receiveStatus, status.success)
  return new Uint8Array(words.buffer).subarray(0, size.ebx)
}
