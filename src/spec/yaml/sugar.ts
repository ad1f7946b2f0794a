import {
  append,
  boolean,
  by,
  byItself,
  type Field,
  integer,
  list,
  object,
  secret,
  secretUrl,
  since,
  string,
} from '../field.ts'
import type { VariantName } from './variants.ts'

/** A field that YAML configs have beside those of the spec. */
export interface SugarRow {
  /** Where it is: names of the spec with dots; `resource` is every object with a source and a verification. */
  readonly place: string
  /** In the spelling of the spec; in YAML the words are joined by underscores. */
  readonly name: string
  readonly field: Field
  /** Level of the first version that has it. */
  readonly since: number
  readonly only?: readonly VariantName[]
}

const owner = (what: string) =>
  object(`The ${what} of everything in it.`, { id: integer('Id.'), name: string('Name.') })

const tang = list(
  'Tang servers.',
  object('A tang server.', {
    advertisement: since('3.4.0', secret('Advertisement of the server, JSON.')),
    thumbprint: secret('Thumbprint of the server’s signing key.'),
    url: secretUrl('URL of the server.'),
  }),
  by('url'),
)

const contents = {
  contents: secret('What is in it.'),
  contentsLocal: string('Local file with what is in it.'),
  name: string('File name.'),
}

const boot: readonly VariantName[] = ['fcos', 'openshift']
const openshift: readonly VariantName[] = ['openshift']
const texts = (about: string) => list(about, string(''), append)

/** THE table of sugar, beside the table of fields: <https://coreos.github.io/butane/specs/>. */
export const sugar: readonly SugarRow[] = [
  { place: 'storage.files.contents', name: 'inline', field: secret('The contents themselves.'), since: 0 },
  { place: 'storage.files.append', name: 'inline', field: secret('The contents themselves.'), since: 0 },
  { place: 'resource', name: 'inline', field: secret('The contents themselves.'), since: 1 },
  { place: 'resource', name: 'local', field: string('Local file with the contents.'), since: 1 },
  {
    place: 'storage.filesystems',
    name: 'withMountUnit',
    field: boolean('Whether a mount or swap unit is made, too.', 'false'),
    since: 1,
  },
  {
    place: 'storage',
    name: 'trees',
    field: list(
      'Local directories to embed.',
      object('A local directory.', { local: string('The directory.'), path: string('Where it goes.', '/') }),
      append,
    ),
    since: 1,
  },
  { place: 'storage.trees', name: 'user', field: owner('user'), since: 7 },
  { place: 'storage.trees', name: 'group', field: owner('group'), since: 7 },
  { place: 'storage.trees', name: 'fileMode', field: integer('Mode of its files.'), since: 7 },
  { place: 'storage.trees', name: 'dirMode', field: integer('Mode of its directories.'), since: 7 },
  {
    place: 'passwd.users',
    name: 'sshAuthorizedKeysLocal',
    field: list('Local files with SSH keys, one a line.', string(''), byItself),
    since: 5,
  },
  { place: 'systemd.units', name: 'contentsLocal', field: contents.contentsLocal, since: 5 },
  { place: 'systemd.units.dropins', name: 'contentsLocal', field: contents.contentsLocal, since: 5 },
  {
    place: 'systemd',
    name: 'quadlets',
    field: list(
      'Podman Quadlet files.',
      object('A Quadlet file.', {
        ...contents,
        dropins: list('Drop-ins of it.', object('A drop-in.', contents), by('name')),
        rootful: boolean('Whether it runs as root.', 'false'),
      }),
      by('name'),
    ),
    since: 8,
  },
  {
    place: '',
    name: 'bootDevice',
    field: object('The disk that the machine boots from.', {
      layout: string(
        'Its partitions: aarch64, ppc64le, x86_64, s390x-eckd, s390x-virt or s390x-zfcp.',
        'x86_64',
      ),
      luks: object('Encryption of the root filesystem.', {
        tang,
        threshold: integer('How many of the means of unlocking are needed.', '1'),
        tpm2: boolean('Whether to unlock with the TPM.', 'false'),
      }),
      mirror: object('Mirroring.', { devices: texts('Whole disks, at least two.') }),
    }),
    since: 3,
    only: boot,
  },
  {
    place: 'bootDevice.luks',
    name: 'discard',
    field: boolean('Whether discards pass through.', 'false'),
    since: 5,
  },
  { place: 'bootDevice.luks', name: 'device', field: string('Whole disk, for s390x.'), since: 6 },
  {
    place: 'bootDevice.luks',
    name: 'cex',
    field: object('IBM Crypto Express.', { enabled: boolean('Whether to use the adapter.', 'false') }),
    since: 6,
  },
  {
    place: '',
    name: 'grub',
    field: object('The boot loader.', {
      users: list(
        'Its superusers.',
        object('A superuser.', {
          name: string('Name.'),
          passwordHash: secret('PBKDF2 hash, made by grub2-mkpasswd-pbkdf2.'),
        }),
        by('name'),
      ),
    }),
    since: 5,
    only: boot,
  },
  {
    place: '',
    name: 'metadata',
    // an object without fields takes any key
    field: object('The MachineConfig.', { labels: object('Its labels.', {}), name: string('Its name.') }),
    since: 0,
    only: openshift,
  },
  {
    place: '',
    name: 'openshift',
    field: object('What only a MachineConfig can say.', {
      extensions: texts('Extensions to install.'),
      fips: boolean('Whether FIPS 140-2 holds.', 'false'),
      kernelArguments: texts('Arguments of the kernel command line.'),
      kernelType: string('default or realtime.', 'default'),
    }),
    since: 0,
    only: openshift,
  },
]
