/**
 * An IP address as a number of 128 bits, IPv4 as its mapped IPv6 address (RFC 4291, section 2.5.5.2). Undefined when
 * the text is no address; a zone is not part of one.
 */
export function parseAddress(text: string): bigint | undefined {
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text, mappedPrefix)
}

const mappedPrefix = 0xffffn << 32n

/** A range such as `10.0.0.0/8`: is the address in it? Undefined when the text is no range. */
export function parseRange(text: string): ((address: bigint) => boolean) | undefined {
  const [, base = '', digits = ''] = /^([^/]+)\/(\d{1,3})$/.exec(text) ?? []
  const address = parseAddress(base)
  if (address === undefined) return undefined
  const [bits, offset] = base.includes(':') ? [128, 0] : [32, 96]
  const length = Number(digits)
  if (length > bits) return undefined
  const shift = BigInt(128 - offset - length)
  return (other) => other >> shift === address >> shift
}

/** 127.0.0.0/8 and ::1. */
export function isLoopback(address: bigint): boolean {
  return address === 1n || address >> 24n === (mappedPrefix | 0x7f000000n) >> 24n
}

function parseIpv4(text: string, prefix: bigint): bigint | undefined {
  const parts = text.split('.')
  if (parts.length !== 4) return undefined
  let address = 0n
  for (const part of parts) {
    if (!/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return undefined
    address = (address << 8n) | BigInt(part)
  }
  return prefix | address
}

function parseIpv6(text: string): bigint | undefined {
  const halves = text.split('::').map(groupsOf)
  const [head, tail] = halves
  if (halves.length > 2 || head === undefined) return undefined
  if (tail === undefined) return halves.length === 1 && head.length === 8 ? joinGroups(head) : undefined
  const missing = 8 - head.length - tail.length
  return missing < 1 ? undefined : joinGroups([...head, ...Array<bigint>(missing).fill(0n), ...tail])
}

/** Groups of 16 bits; a last part in IPv4 form counts as two. Undefined when one is wrong. */
function groupsOf(text: string): bigint[] | undefined {
  if (text === '') return []
  const parts = text.split(':')
  const groups: bigint[] = []
  for (const [index, part] of parts.entries()) {
    if (/^[\da-f]{1,4}$/i.test(part)) {
      groups.push(BigInt(`0x${part}`))
      continue
    }
    const tail = index === parts.length - 1 ? parseIpv4(part, 0n) : undefined
    if (tail === undefined) return undefined
    groups.push(tail >> 16n, tail & 0xffffn)
  }
  return groups
}

const joinGroups = (groups: bigint[]) => groups.reduce((address, group) => (address << 16n) | group, 0n)
