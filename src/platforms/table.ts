import type { Source } from './source.ts'

const planned: Source = { kind: 'planned' }

/** Platform id → where its config is. The ids are those of the reference, case-sensitive. */
export const platforms: Readonly<Record<string, Source>> = {
  akamai: planned,
  aliyun: planned,
  applehv: planned,
  aws: planned,
  azure: planned,
  azurestack: planned,
  brightbox: planned,
  cloudstack: planned,
  digitalocean: planned,
  exoscale: planned,
  // the path is relative on purpose: the working directory is the caller's
  file: { kind: 'file', variable: 'IGNITION_CONFIG_FILE', path: 'config.ign' },
  gcp: planned,
  hetzner: planned,
  hyperv: planned,
  ibmcloud: planned,
  kubevirt: planned,
  metal: { kind: 'none' },
  nutanix: planned,
  nvidiabluefield: planned,
  openstack: planned,
  oraclecloud: planned,
  packet: planned,
  powervs: planned,
  proxmoxve: planned,
  // names as the distributions document them for -fw_cfg: Fedora CoreOS and Flatcar
  qemu: { kind: 'fw-cfg', names: ['opt/com.coreos/config', 'opt/org.flatcar-linux/config'] },
  scaleway: planned,
  upcloud: planned,
  virtualbox: planned,
  vmware: planned,
  vultr: planned,
  zvm: planned,
}

export const platformIds: readonly string[] = Object.keys(platforms)

/** Whether a word is a platform id. */
export const isPlatformId = (word: string): boolean => Object.hasOwn(platforms, word)
