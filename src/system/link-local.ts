import { BlockList, isIPv4, isIPv6 } from 'node:net'
import { IgnitionError } from '../errors.ts'

/**
 * Addresses that mean another machine on every cloud: link-local ones (RFC 3927, RFC 4291) and the metadata services
 * of AWS, Google and Scaleway over IPv6, Azure, Alibaba. Outside an initramfs a request to one would talk to
 * the cloud that the work happens to run on.
 */
const localAddresses = new BlockList()
localAddresses.addSubnet('169.254.0.0', 16, 'ipv4')
localAddresses.addAddress('168.63.129.16', 'ipv4')
localAddresses.addAddress('100.100.100.200', 'ipv4')
localAddresses.addAddress('192.0.0.192', 'ipv4')
localAddresses.addSubnet('fe80::', 10, 'ipv6')
localAddresses.addAddress('fd00:ec2::254', 'ipv6')
localAddresses.addAddress('fd20:ce::254', 'ipv6')
localAddresses.addAddress('fd00:42::42', 'ipv6')

/** Metadata services by name: asking a resolver for them is a message too. */
const localNames = ['metadata.google.internal', 'metadata.packet.net', 'metadata.platformequinix.com']

/** True for an address or name that is link-local or a cloud's metadata service. A zone (`%eth0`) may follow. */
export function isLinkLocal(host: string): boolean {
  const [address = ''] = host.toLowerCase().replace(/\.$/, '').split('%')
  if (isIPv4(address)) return localAddresses.check(address, 'ipv4')
  if (isIPv6(address)) return localAddresses.check(address, 'ipv6')
  return localNames.includes(address)
}

/** Throws `FL_ADDRESS_REFUSED` for such a host; called before a name is resolved and before a socket is opened. */
export function refuseLinkLocal(host: string, address = host): void {
  if (!isLinkLocal(address)) return
  const target = host === address ? host : `${host}, which is ${address},`
  throw new IgnitionError({
    code: 'FL_ADDRESS_REFUSED',
    message:
      `${target} is a link-local or metadata address and this is not an initramfs: ` +
      'run in the initramfs, or set FIRSTLIGHT_ALLOW_LINK_LOCAL=1',
  })
}

/** The same for a host that is asked over AF_VSOCK: outside an initramfs it is whatever this machine runs on. */
export function refusedHost(cid: number): IgnitionError {
  return new IgnitionError({
    code: 'FL_ADDRESS_REFUSED',
    message:
      `the host over AF_VSOCK (CID ${cid}) is not to be asked and this is not an initramfs: ` +
      'run in the initramfs, or set FIRSTLIGHT_ALLOW_LINK_LOCAL=1',
  })
}
