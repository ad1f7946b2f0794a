/* oxlint-disable max-lines -- one table */
import { Secret } from '../secret.ts'
import {
  always,
  append,
  boolean,
  by,
  byItself,
  type Field,
  integer,
  list,
  nullNotedSince,
  object,
  optionalSince,
  required,
  secret,
  secretUrl,
  since,
  string,
  type ValueOf,
} from './field.ts'
import { newestVersion } from './versions.ts'

const httpHeaders = since(
  '3.1.0',
  list(
    'Headers sent with the request; only for http and https.',
    object('One HTTP header.', {
      name: always(string('Name of the header.')),
      value: secret('Value of the header; in a merge, leaving it out removes the parent’s header.'),
    }),
    { ...by('name'), removesWithout: 'value' },
  ),
)

const verification = object('How the fetched bytes are verified.', {
  hash: string(
    '`sha512-` or (since 3.1.0) `sha256-` and the hex digest of the decompressed bytes.',
    'not verified',
  ),
})

const compression = string('How the bytes at the source are compressed: `gzip`, or empty.', 'not compressed')
const source = secretUrl('URL of the bytes: data, http, https, tftp, s3, gs (3.2.0) or arn (3.4.0).')

/** Contents that may be compressed since the first version. */
const contents = (about: string) => object(about, { compression, httpHeaders, source, verification })

/** A config or certificate bundle that is referred to. */
const reference = (about: string, from: typeof source) =>
  object(about, { compression: since('3.1.0', compression), httpHeaders, source: from, verification })

const authority = object('A PEM bundle.', {
  compression: since('3.1.0', compression),
  httpHeaders,
  source: required(optionalSince('3.1.0', source)),
  verification,
})

const strings = string('')

const owner = (what: string) =>
  object(`The ${what} that owns it, by id or by name.`, {
    id: integer(`Numeric id of the ${what}.`, '0 (root)'),
    name: string(`Name of the ${what}.`),
  })

const nodePath = { ...by('path'), namespace: 'nodes' }
const argument = { ...byItself, namespace: 'arguments' }

const node = (overwrite: string) => ({
  group: owner('group'),
  overwrite: boolean(overwrite, 'false'),
  path: always(string('Absolute path in the new root.')),
  user: owner('user'),
})

const ignition = object('About the config itself.', {
  config: object('Other configs that take part.', {
    merge: list(
      'Configs to merge into this one, in order.',
      reference('A config to merge.', required(source)),
      by('source'),
    ),
    replace: reference('The config to use instead of this one.', source),
  }),
  proxy: since(
    '3.1.0',
    object('Proxies for fetching.', {
      httpProxy: secretUrl('URL of the proxy for http URLs.'),
      httpsProxy: secretUrl('URL of the proxy for https URLs.'),
      noProxy: list('Hosts, domains and networks that are reached without a proxy.', strings, byItself),
    }),
  ),
  security: object('What to trust while fetching.', {
    tls: object('TLS settings.', {
      certificateAuthorities: list(
        'Certificate authorities trusted besides those of the system.',
        authority,
        by('source'),
      ),
    }),
  }),
  timeouts: object('How long to wait for a server.', {
    httpResponseHeaders: integer('Seconds to wait for the headers of a response; 0 is no limit.', '10'),
    httpTotal: integer('Seconds for a whole fetch with its retries; 0 is no limit.', '0'),
  }),
  version: always(string('Version of the spec that the config is written for.')),
})

const kernelArguments = since(
  '3.3.0',
  object('Arguments of the kernel command line.', {
    shouldExist: list('Arguments to add.', strings, argument),
    shouldNotExist: list('Arguments to remove.', strings, argument),
  }),
)

const group = object('A group.', {
  gid: integer('Group id.', 'chosen by the system'),
  name: always(string('Name of the group.')),
  passwordHash: secret('Hash of the group’s password.'),
  shouldExist: since('3.2.0', boolean('Whether the group is there; false removes it.', 'true')),
  system: boolean('Whether the id comes from the range for system groups.', 'false'),
})

const user = object('A user account.', {
  gecos: string('Comment field of the account.'),
  groups: list('Supplementary groups.', strings, byItself),
  homeDir: string('Home directory.'),
  name: always(string('Name of the account.')),
  noCreateHome: boolean('Do not make a home directory.', 'false'),
  noLogInit: boolean('Do not add the user to the login logs.', 'false'),
  noUserGroup: boolean('Do not make a group with the user’s name.', 'false'),
  passwordHash: secret('Hash of the password.'),
  primaryGroup: string('Name of the primary group.'),
  sshAuthorizedKeys: list('SSH keys that may log in.', strings, byItself),
  shell: string('Login shell.'),
  shouldExist: since('3.2.0', boolean('Whether the account is there; false removes it.', 'true')),
  system: boolean('Whether it is a system account.', 'false'),
  uid: integer('User id.', 'chosen by the system'),
})

const passwd = object('Accounts.', {
  groups: list('Groups to make, change or remove.', group, by('name')),
  users: list('Users to make, change or remove.', user, by('name')),
})

const directory = object('A directory.', {
  ...node('Remove what is at the path unless it is a directory already.'),
  mode: integer('Permission bits as a decimal number; special bits since 3.6.0.', '493 (0755)'),
})

const file = object('A file.', {
  ...node('Replace what is at the path; needs contents.'),
  append: list('Contents added to the end, in order.', contents('Contents to add.'), append),
  contents: contents('Contents of the file.'),
  mode: integer('Permission bits as a decimal number; special bits since 3.6.0.', '420 (0644)'),
})

const link = object('A link.', {
  ...node('Replace what is at the path.'),
  hard: boolean('A hard link instead of a symbolic one.', 'false'),
  target: required(optionalSince('3.3.0', string('What the link points to.'))),
})

const partition = object('A partition.', {
  guid: string('GUID of the partition.', 'random'),
  label: string('Label, up to 36 bytes, without colons.'),
  number: always(integer('Number in the partition table; 0 is the next free one.')),
  resize: since('3.2.0', boolean('Whether an existing partition may be resized.', 'false')),
  shouldExist: boolean('Whether the partition is there; false deletes it.', 'true'),
  sizeMiB: integer('Size in MiB; 0 fills the free space.', 'an existing partition keeps its size, else 0'),
  startMiB: integer(
    'Start in MiB; 0 is the start of the largest free space.',
    'an existing partition keeps its start, else 0',
  ),
  typeGuid: string('GUID of the partition type.', '0FC63DAF-8483-4772-8E79-3D69D8477DE4 (Linux data)'),
  wipePartitionEntry: boolean('Whether a differing partition is deleted and made anew.', 'false'),
})

const partitionIdentity = {
  kind: 'keyed' as const,
  key({ number, label }: ValueOf<typeof partition>): string {
    if (number !== 0) return `number:${number}`
    return label === undefined ? '' : `label:${label}`
  },
}

const disk = object('A disk.', {
  device: always(string('Absolute path of the device.')),
  partitions: list('Partitions of the disk.', partition, partitionIdentity),
  wipeTable: boolean('Whether the partition table is made anew.', 'false'),
})

const filesystem = object('A filesystem.', {
  device: always(string('Absolute path of the device; for virtiofs the tag of the mount.')),
  format: string('ext4, btrfs, xfs, vfat, swap, none (3.3.0) or virtiofs (3.7.0).'),
  label: string('Label of the filesystem.'),
  mountOptions: since('3.1.0', list('Options for mounting.', strings, append)),
  options: list('Options for the program that makes the filesystem.', strings, append),
  path: string('Where it is mounted while provisioning, an absolute path in the new root.'),
  uuid: string('UUID of the filesystem.'),
  wipeFilesystem: boolean('Whether an existing filesystem is always made anew.', 'false'),
})

const clevis = object('Unlocking by clevis.', {
  custom: nullNotedSince(
    '3.3.0',
    object('A clevis configuration in clevis’ own words.', {
      config: optionalSince('3.3.0', secret('Configuration of the pin, JSON.')),
      needsNetwork: boolean('Whether unlocking needs the network.', 'false'),
      pin: optionalSince('3.3.0', string('Name of the clevis pin.')),
    }),
  ),
  tang: list(
    'Tang servers.',
    object('A tang server.', {
      advertisement: since('3.4.0', secret('Advertisement of the server, JSON: binds without the network.')),
      thumbprint: required(secret('Thumbprint of the server’s signing key.')),
      url: always(secretUrl('http or https URL of the server.')),
    }),
    by('url'),
  ),
  threshold: integer('How many of the means of unlocking are needed.', '1'),
  tpm2: boolean('Whether to unlock with the TPM.', 'false'),
})

const luks = object('A LUKS volume.', {
  cex: since(
    '3.5.0',
    object('Unlocking by an IBM Crypto Express adapter.', {
      enabled: boolean('Whether to use the adapter.', 'false'),
    }),
  ),
  clevis: nullNotedSince('3.3.0', clevis),
  device: required(string('Absolute path of the device.')),
  discard: since('3.4.0', boolean('Whether discards pass through to the device.', 'false')),
  keyFile: contents('Contents of the key file; without it a key is generated.'),
  label: string('Label of the volume, up to 47 bytes.'),
  name: always(string('Name of the opened device below /dev/mapper.')),
  openOptions: since('3.4.0', list('Options for opening, kept in the header.', strings, byItself)),
  options: list('Options for `cryptsetup luksFormat`.', strings, append),
  uuid: string('UUID of the volume.'),
  wipeVolume: boolean('Whether an existing volume is always made anew.', 'false'),
})

const raid = object('A RAID array.', {
  devices: required(list('Absolute paths of the devices.', strings, byItself)),
  level: required(optionalSince('3.3.0', string('linear, raid0, raid1, raid4, raid5, raid6 or raid10.'))),
  name: always(string('Name of the array below /dev/md.')),
  options: list('Options for `mdadm --create`.', strings, append),
  spares: integer('How many of the devices are spares.', '0'),
})

const storage = object('Disks, filesystems and files.', {
  directories: list('Directories.', directory, nodePath),
  disks: list('Disks and their partitions.', disk, by('device')),
  files: list('Files.', file, nodePath),
  filesystems: list('Filesystems.', filesystem, by('device')),
  links: list('Links.', link, nodePath),
  luks: since('3.2.0', list('LUKS volumes.', luks, by('name'))),
  raid: list('RAID arrays.', raid, by('name')),
})

const unit = object('A systemd unit.', {
  contents: secret('Contents of the unit file.'),
  dropins: list(
    'Drop-ins of the unit.',
    object('A drop-in.', {
      contents: secret('Contents of the drop-in.'),
      name: always(string('File name, ending in `.conf`.')),
    }),
    by('name'),
  ),
  enabled: boolean('Whether the unit is enabled or disabled.', 'left alone'),
  mask: boolean('Whether the unit is masked or unmasked.', 'left alone'),
  name: always(string('Name of the unit with its suffix.')),
})

const systemd = object('Units of systemd.', {
  units: list('Units to write, enable, disable or mask.', unit, by('name')),
})

/** THE table: every field of every version, in canonical order. All else about fields is derived from it. */
export const configField = object('An Ignition config.', {
  ignition,
  kernelArguments,
  passwd,
  storage,
  systemd,
})

/**
 * A config of the newest version, as all code sees it: objects and lists are always there, absent scalars are
 * undefined, an integer is a bigint only beyond 2^53.
 */
export type Config = ValueOf<typeof configField>

export type ConfigResource = ValueOf<ReturnType<typeof contents>>
export type ConfigTimeouts = Config['ignition']['timeouts']
export type ConfigProxy = Config['ignition']['proxy']
export type ConfigGroup = Config['passwd']['groups'][number]
export type ConfigUser = Config['passwd']['users'][number]
export type ConfigDirectory = Config['storage']['directories'][number]
export type ConfigFile = Config['storage']['files'][number]
export type ConfigLink = Config['storage']['links'][number]
export type ConfigDisk = Config['storage']['disks'][number]
export type ConfigPartition = ConfigDisk['partitions'][number]
export type ConfigFilesystem = Config['storage']['filesystems'][number]
export type ConfigUnit = Config['systemd']['units'][number]
export type ConfigDropin = ConfigUnit['dropins'][number]

function empty(field: Field): unknown {
  switch (field.kind) {
    case 'object':
      return Object.fromEntries(Object.entries(field.fields).map(([name, inner]) => [name, empty(inner)]))
    case 'list':
      return []
    case 'integer':
      return field.always ? 0 : undefined
    case 'string':
      return field.always ? '' : undefined
    case 'boolean':
      return field.always ? false : undefined
    case 'secret':
      return field.always ? new Secret('') : undefined
  }
}

const nothing = empty(configField) as Config

/** A config that says nothing but its version. */
export const emptyConfig: Config = { ...nothing, ignition: { ...nothing.ignition, version: newestVersion } }
