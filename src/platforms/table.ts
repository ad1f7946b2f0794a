import type { HttpSource, Source, StatusService } from './source.ts'

/** The link-local address of most clouds' metadata services, by convention of Amazon EC2. */
const METADATA = 'http://169.254.169.254'

const http = (url: string, rest: Partial<HttpSource> = {}): HttpSource => ({ kind: 'http', url, ...rest })

const USER_DATA = '/openstack/latest/user_data'
const configDrive: Source = { kind: 'drive', label: 'config-2', paths: [USER_DATA] }

/** A race of the drive under both spellings of its label with a service. */
const driveOr = (path: string, ...services: readonly Source[]): Source => ({
  kind: 'race',
  sources: [
    { kind: 'drive', label: 'config-2', paths: [path] },
    { kind: 'drive', label: 'CONFIG-2', paths: [path] },
    ...services,
  ],
})

/** The IPv6 address of the metadata service: https://docs.openstack.org/nova/latest/user/metadata.html */
const openstack = driveOr(USER_DATA, http(`${METADATA}${USER_DATA}`), {
  kind: 'interfaces',
  address: 'fe80::a9fe:a9fe',
  path: USER_DATA,
})

/** The disc that Azure makes: a UDF bridge disc, of which some kernels and tools see the ISO 9660 half. */
const azureDisc = { kind: 'disc', mark: 'ovf-env.xml', path: 'CustomData.bin' } as const

/** NoCloud seed as cloud-init documents it; the clouds that use it attach it before the machine starts. */
const NO_CLOUD = { kind: 'drive', label: 'cidata', waitSeconds: 30 } as const

/** QEMU with `-device virtio-blk,serial=ignition`. */
const qemuDisk: Source = {
  kind: 'block-device',
  path: '/dev/disk/by-id/virtio-ignition',
  module: 'virtio_blk',
  driver: '/sys/bus/virtio/drivers/virtio_blk',
  waitSeconds: 300,
}

/** Platform id → where its config is. The ids are those of the reference, case-sensitive. */
export const platforms: Readonly<Record<string, Source>> = {
  // the service refuses the usual Accept header
  akamai: http(`${METADATA}/v1/user-data`, {
    headers: { Accept: '*/*' },
    token: {
      url: `${METADATA}/v1/token`,
      headers: { 'Metadata-Token-Expiry-Seconds': '300', Accept: 'text/plain' },
      header: 'Metadata-Token',
      missing: 'fatal',
    },
    missing: 'fatal',
    encoding: 'base64-gzip',
  }),
  aliyun: http('http://100.100.100.200/latest/user-data'),
  // the host, at the port that vfkit serves
  applehv: { kind: 'vsock', cid: 2, port: 1024 },
  // version 2 of the service, and version 1 where it is too old for tokens
  aws: http(`${METADATA}/2019-10-01/user-data`, {
    token: {
      url: `${METADATA}/latest/api/token`,
      headers: { 'X-Aws-Ec2-Metadata-Token-Ttl-Seconds': '21600' },
      header: 'X-Aws-Ec2-Metadata-Token',
      missing: 'without',
    },
  }),
  // user data of the service; where there is none, custom data of the disc
  azure: {
    kind: 'first',
    sources: [
      http(`${METADATA}/metadata/instance/compute/userData?api-version=2021-01-01&format=text`, {
        headers: { Metadata: 'true' },
        retry: [404, 410, 429],
        missing: 'fatal',
        encoding: 'base64',
      }),
      { ...azureDisc, filesystems: ['udf'] },
    ],
  },
  azurestack: { ...azureDisc, filesystems: ['udf', 'iso9660'] },
  brightbox: openstack,
  cloudstack: driveOr('/cloudstack/userdata/user_data.txt', {
    kind: 'dhcp-server',
    path: '/latest/user-data',
  }),
  digitalocean: http(`${METADATA}/metadata/v1/user-data`, { missing: 'fatal' }),
  exoscale: http(`${METADATA}/1.0/user-data`),
  // the path is relative on purpose: the working directory is the caller's
  file: { kind: 'file', variable: 'IGNITION_CONFIG_FILE', path: 'config.ign' },
  gcp: http(`${METADATA}/computeMetadata/v1/instance/attributes/user-data`, {
    headers: { 'Metadata-Flavor': 'Google' },
  }),
  hetzner: http(`${METADATA}/hetzner/v1/userdata`),
  hyperv: { kind: 'hyperv' },
  ibmcloud: { ...NO_CLOUD, paths: ['/user-data'] },
  kubevirt: {
    kind: 'race',
    sources: [{ kind: 'drive', label: 'cidata', paths: ['/user-data'] }, configDrive],
  },
  metal: { kind: 'none' },
  nutanix: configDrive,
  nvidiabluefield: {
    kind: 'firmware-file',
    module: 'mlxbf_bootctl',
    path: '/sys/bus/platform/devices/MLNXBF04:00/bootfifo',
  },
  openstack,
  oraclecloud: http(`${METADATA}/opc/v2/instance/metadata/user_data`, {
    headers: { Authorization: 'Bearer Oracle' },
    retry: [429],
    encoding: 'base64',
  }),
  // the service answers 406 to the usual Accept header
  packet: http('https://metadata.packet.net/userdata', { headers: { Accept: '*/*' }, missing: 'fatal' }),
  powervs: configDrive,
  proxmoxve: { ...NO_CLOUD, paths: ['/user-data', '/vendor-data'], passOver: '#cloud-config\n' },
  qemu: {
    kind: 'architectures',
    // these have no firmware configuration device
    named: { ppc64: qemuDisk, s390x: qemuDisk },
    // names as the distributions document them for -fw_cfg: Fedora CoreOS and Flatcar
    others: { kind: 'fw-cfg', names: ['opt/com.coreos/config', 'opt/org.flatcar-linux/config'] },
  },
  scaleway: http('http://169.254.42.42/user_data/cloud-init', { privilegedPort: true }),
  upcloud: http(`${METADATA}/metadata/v1/user_data`),
  virtualbox: { kind: 'virtualbox' },
  vmware: { kind: 'vmware' },
  vultr: http(`${METADATA}/user-data/user-data`),
  zvm: { kind: 'zvm' },
}

/** Platform id → where it wants to hear what became of each stage. */
export const statusServices: Readonly<Record<string, StatusService>> = {
  packet: {
    url: 'https://metadata.packet.net/metadata',
    headers: { Accept: '*/*' },
    field: 'phone_home_url',
    suffix: '/phone-home',
    path: '/events',
    timeoutSeconds: 15,
  },
}

export const platformIds: readonly string[] = Object.keys(platforms)

/** Whether a word is a platform id. */
export const isPlatformId = (word: string): boolean => Object.hasOwn(platforms, word)
