import type { Device, Hypervisor, Registers } from '../../src/system/hypervisor-calls.ts'

export interface KvpPair {
  readonly pool: number
  readonly key: string
  readonly value: string
}

/** A host of Hyper-V: sends pairs as the kernel hands them on, when it was greeted. Gives what was answered. */
export function hyperv(pairs: readonly KvpPair[], extra: readonly Buffer[] = []) {
  const frame = (operation: number) => {
    const bytes = Buffer.alloc(7432)
    bytes[0] = operation
    return bytes
  }
  const frames = pairs.map(({ pool, key, value }) => {
    const bytes = frame(1)
    bytes[1] = pool
    bytes.writeUInt32LE(1, 4)
    bytes.writeUInt32LE(Buffer.byteLength(key) + 1, 8)
    bytes.writeUInt32LE(Buffer.byteLength(value) + 1, 12)
    bytes.write(key, 16)
    bytes.write(value, 528)
    return bytes
  })
  const queue: Buffer[] = []
  const replies: Uint8Array[] = []
  let isGreeted = false
  let isClosed = false
  const device: Device = {
    isReadable: () => queue.length > 0,
    read: () => queue.shift() ?? Buffer.alloc(0),
    write(message) {
      if (message.length !== 7432) throw new Error(`${message.length} bytes are no message`)
      if (isGreeted) replies.push(message)
      else if (message[0] === 100) queue.push(frame(100), ...frames, ...extra)
      else throw new Error('the first message is no greeting')
      isGreeted = true
    },
    control: () => undefined,
    close: () => {
      isClosed = true
    },
  }
  const openDevice = (path: string): Device => {
    if (path !== '/dev/vmbus/hv_kvp') throw new Error(`no device ${path}`)
    return device
  }
  return { hypervisor: { openDevice }, replies, isClosed: () => isClosed, frame }
}

/** The driver of VirtualBox with the host's guest properties behind it. It takes structures apart as the driver does. */
export function virtualbox(properties: Map<string, string>, results: { readonly delete?: number } = {}) {
  const memory = new Map<bigint, Uint8Array>()
  const calls: string[] = []
  let next = 0x1000n
  let clients = 0
  const requests: Readonly<Record<number, (view: DataView) => number>> = {
    3224131072: (view) => (view.getUint32(24, true) === 0x10000 ? 0 : -1),
    3231471108(view) {
      const name = Buffer.from(view.buffer).toString('latin1', 28, 28 + 16)
      if (view.getUint32(24, true) !== 2 || name !== 'VBoxGuestPropSvc') return -1
      clients += 1
      view.setUint32(24, 7, true)
      return 0
    },
    3223082501(view) {
      if (view.getUint32(24, true) !== 7) return -1
      clients -= 1
      return 0
    },
    3228063239: (view) => getProperty(view),
    3224917511(view) {
      const name = nameIn(view)
      calls.push(`delete ${name}`)
      if (results.delete !== undefined) return results.delete
      return properties.delete(name) ? 0 : -78
    },
  }
  const pointed = (view: DataView, index: number): Uint8Array => {
    const start = 40 + index * 16
    const bytes = memory.get(view.getBigUint64(start + 8, true))
    if (bytes?.length !== view.getUint32(start + 4, true)) throw new Error('EFAULT')
    return bytes
  }
  const nameIn = (view: DataView): string => {
    if (view.getUint32(24, true) !== 7 || view.getUint32(40, true) !== 5) throw new Error('EINVAL')
    return Buffer.from(pointed(view, 0)).toString().replace(/\0$/, '')
  }
  const getProperty = (view: DataView): number => {
    const types = [0, 1, 2, 3].map((index) => view.getUint32(40 + index * 16, true))
    if (view.getUint32(28, true) !== 1 || view.getUint16(38, true) !== 4 || types.join() !== '5,4,2,1')
      return -2
    const name = nameIn(view)
    calls.push(`get ${name}`)
    const value = properties.get(name)
    if (value === undefined) return -78
    const bytes = Buffer.from(value)
    view.setUint32(40 + 3 * 16 + 4, bytes.length, true)
    const room = pointed(view, 1)
    if (room.length < bytes.length) return -41
    room.set(bytes)
    return 0
  }
  const hypervisor: Partial<Hypervisor> = {
    addressOf(bytes) {
      next += 0x1000n
      memory.set(next, bytes)
      return next
    },
    openDevice(path) {
      if (path !== '/dev/vboxguest') throw new Error(`no device ${path}`)
      return {
        isReadable: () => false,
        read: () => new Uint8Array(),
        write: () => undefined,
        close: () => void calls.push('close'),
        control(request, structure) {
          const view = new DataView(structure.buffer, structure.byteOffset, structure.byteLength)
          const size = Math.max(view.getUint32(0, true), view.getUint32(16, true))
          if (size !== structure.length || size !== ((request >>> 16) & 0x3fff))
            throw new Error('EINVAL: size')
          if (view.getUint32(4, true) !== 0x10001 || view.getUint32(8, true) !== 0)
            throw new Error('EINVAL: header')
          view.setInt32(12, requests[request]?.(view) ?? -1, true)
        },
      }
    },
  }
  return { hypervisor, calls, clients: () => clients }
}

export interface VmwareOptions {
  /** Numbers of calls at which a snapshot interrupts. */
  readonly interruptAt?: readonly number[]
  /** Whether the channel has a cookie. */
  readonly cookies?: boolean
}

/** VMware behind its port: a channel of words, and guest variables that requests read and write. */
export function vmware(
  variables: Map<string, string>,
  { interruptAt = [], cookies = true }: VmwareOptions = {},
) {
  const requests: string[] = []
  const channels = new Map<number, { size: number; sent: number[]; reply: Buffer; at: number }>()
  let opened = 0
  let calls = 0
  const handle = (text: string): string => {
    requests.push(text)
    const [command = '', name = ''] = text.split(' ')
    if (command === 'info-get') {
      const value = variables.get(name)
      return value === undefined ? '0 No value found' : `1 ${value}`
    }
    variables.set(name, text.slice(command.length + name.length + 2))
    return '1 '
  }
  const message = (registers: Registers): Partial<Registers> => {
    const type = registers.ecx >>> 16
    if (type === 0) {
      const wantsCookie = registers.ebx >>> 31 === 1
      if ((registers.ebx & 0x7fffffff) !== 0x49435052 || (wantsCookie && !cookies)) return { ecx: 0 }
      opened += 1
      channels.set(opened, { size: 0, sent: [], reply: Buffer.alloc(0), at: 0 })
      return { ecx: 1 << 16, edx: opened << 16, ...(wantsCookie ? { esi: 11, edi: 22 } : {}) }
    }
    const channel = channels.get(registers.edx >>> 16)
    const isKnown = !cookies || (registers.esi === 11 && registers.edi === 22)
    if (!channel || !isKnown) return { ecx: 0 }
    calls += 1
    if (type !== 6 && interruptAt.includes(calls)) return { ecx: 0x10 << 16 }
    switch (type) {
      case 1:
        channel.size = registers.ebx
        // it offers the other port too
        return { ecx: 0x81 << 16 }
      case 2:
        channel.sent.push(registers.ebx)
        return { ecx: 1 << 16 }
      case 3:
        channel.reply = Buffer.from(
          handle(Buffer.from(new Uint32Array(channel.sent).buffer).toString('utf8', 0, channel.size)),
        )
        return { ecx: 0x83 << 16, ebx: channel.reply.length, edx: 1 << 16 }
      case 4: {
        if (registers.ebx !== 1) return { ecx: 0 }
        const word = Buffer.alloc(4)
        channel.reply.copy(word, 0, channel.at)
        channel.at += 4
        return { ecx: 1 << 16, ebx: word.readUInt32LE(), edx: 2 << 16 }
      }
      case 6:
        channels.delete(registers.edx >>> 16)
        return { ecx: 1 << 16 }
      default:
        return { ecx: 1 << 16 }
    }
  }
  const cpuid = ({ eax }: Registers): Partial<Registers> =>
    eax === 1 ? { ecx: 0x80000000 } : { ebx: 0x61774d56, ecx: 0x4d566572, edx: 0x65726177 }
  const execute: Hypervisor['execute'] = (instruction, registers) => {
    if (instruction === 'cpuid') return { ...registers, ...cpuid(registers) }
    if (registers.eax !== 0x564d5868 || (registers.edx & 0xffff) !== 0x5658) throw new Error('SIGSEGV')
    if ((registers.ecx & 0xffff) === 10) return { ...registers, eax: 6, ebx: 0x564d5868 }
    return { ...registers, ...message(registers) }
  }
  return { hypervisor: { execute }, requests, openChannels: () => channels.size }
}
