/** How long a wait may last: seconds, or what else ends it. */
type WaitLimit = { readonly seconds: number } | { readonly endedBy: string }

/**
 * Everything that a boot waits for besides its own work and its programs: what, and for how long at most.
 * `docs/waits.md` is generated from it.
 */
export const waits = {
  // as long as systemd waits for a device: DefaultDeviceTimeoutSec in systemd-system.conf(5)
  device: { what: 'block devices that the config names', limit: { seconds: 90 } },
  // udev holds a disk for as long as its rules take; who holds it longer is not udev
  'disk lock': { what: 'whoever has locked a disk; then without the lock', limit: { seconds: 10 } },
  'udev database': { what: 'udev to know a new device; then without it', limit: { seconds: 5 } },
  'kernel partitions': { what: 'the kernel to see partitions as they were written', limit: { seconds: 10 } },
  'busy filesystem': { what: 'a filesystem to unmount that something still uses', limit: { seconds: 5 } },
  'busy drive': { what: 'a config drive to unmount that something still uses', limit: { seconds: 2 } },
  'config device': { what: 'the drive of `ignition.config.device`', limit: { seconds: 30 } },
  'config drive': {
    what: 'the drive or disc that the platform keeps the config on',
    limit: { endedBy: 'the row of the platform, or the drive: without it the machine has no config' },
  },
  'DHCP lease': {
    what: 'a lease of systemd-networkd that names its server',
    limit: { endedBy: 'the lease, or another source of the platform' },
  },
  'hypervisor messages': { what: 'a host that has paused in what it says', limit: { seconds: 1 } },
  'report port': { what: 'a virtio port that takes nothing more of the report', limit: { seconds: 5 } },
  server: {
    what: 'the next attempt at a server that does not answer',
    limit: { endedBy: '`ignition.timeouts.httpTotal`; for the platform the flag `-fetch-timeout`' },
  },
  'time limit': {
    what: 'the end of such a time: nothing stands still meanwhile',
    limit: { endedBy: 'itself' },
  },
} as const satisfies Record<string, { readonly what: string; readonly limit: WaitLimit }>

/** Who waits. */
export type WaitOwner = keyof typeof waits
