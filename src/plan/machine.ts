import { list, number, optional, record, type Shaped, text, word } from './shape.ts'

const signature = record('Something that libblkid recognises on a device.', {
  type: text,
  usage: text,
  uuid: text,
  label: text,
})

const partition = record('An entry of a GUID partition table; places in logical sectors of the disk.', {
  number,
  label: text,
  guid: text,
  typeGuid: text,
  start: number,
  size: number,
})

const table = record('What a disk holds in the way of a partition table.', {
  kind: word('gpt', 'blank', 'foreign', 'occupied'),
  what: optional(text),
  firstUsableSector: optional(number),
  lastUsableSector: optional(number),
  partitions: optional(list(partition)),
})

const device = record('A block device.', {
  path: text,
  links: list(text),
  kind: word('disk', 'partition', 'raid', 'luks', 'other'),
  sizeBytes: number,
  sectorBytes: number,
  partitionOf: optional(record('Where a partition belongs.', { disk: text, number })),
  builtOn: list(text),
  table: optional(table),
  signatures: optional(list(signature)),
  use: optional(text),
  luks: optional(
    record('Header of a LUKS volume.', { version: word(1, 2), uuid: text, label: text, flags: list(text) }),
  ),
  raidMember: optional(
    record('What a member of an md array says it belongs to.', {
      uuid: text,
      name: text,
      level: text,
      activeCount: number,
    }),
  ),
  raid: optional(record('An md array that runs.', { level: text, activeCount: number })),
})

const root = record('The accounts of a root.', {
  path: text,
  users: list(
    record('A user.', { name: text, uid: number, gid: number, gecos: text, home: text, shell: text }),
  ),
  groups: list(record('A group.', { name: text, gid: number, members: list(text) })),
})

/** THE table of `firstlight inspect`: what there is to say about a machine before it is provisioned. */
export const machineShape = record('A machine, as firstlight inspect describes it.', {
  version: word(1),
  where: word('initramfs', 'system'),
  architecture: text,
  memoryBytes: number,
  platform: optional(text),
  kernelArguments: list(text),
  programs: list(text),
  devices: list(device),
  mounts: list(record('A mounted filesystem.', { path: text, source: text, type: text })),
  root: optional(root),
  unseen: list(text),
})

/** A machine as it is before provisioning; what could not be seen is undefined, and `unseen` says why. */
export type Machine = Shaped<typeof machineShape>

export type MachineDevice = Machine['devices'][number]
