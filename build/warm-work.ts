import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'

/** One run of the program: the name it is started under, and its arguments. */
export interface WarmRound {
  readonly name: string
  readonly args: readonly string[]
  /** Without privilege it fails where it gives a file to root; what ran until then is warm all the same. */
  readonly needsRoot?: boolean
}

export interface WarmWork {
  readonly rounds: readonly WarmRound[]
  close(): void
}

const body = 'served over loopback\n'.repeat(400)
const account = [
  'useradd',
  'usermod',
  'userdel',
  'groupadd',
  'groupmod',
  'groupdel',
  'systemctl',
  'modprobe',
  'setfiles',
]

/**
 * The work of a small boot below `scratch`, most of which needs no privilege: a config with a file from a loopback server,
 * accounts made by stand-ins for the system's programs, units. Changes the directory, PATH and the variables that
 * name the machine's own config directories.
 */
export async function prepareWarmWork(scratch: string): Promise<WarmWork> {
  const server = createServer((_request, response) => response.end(body))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port on loopback')
  const config = join(scratch, 'config.ign')
  writeFileSync(config, JSON.stringify(exampleConfig(`http://127.0.0.1:${address.port}/served`)))
  const yaml = join(scratch, 'config.bu')
  writeFileSync(yaml, exampleYaml)
  const root = join(scratch, 'root')
  mkdirSync(join(root, 'etc'), { recursive: true })
  standIns(scratch)
  return { rounds: rounds(scratch, { root, config, yaml }), close: () => server.close() }
}

interface Places {
  readonly root: string
  readonly config: string
  readonly yaml: string
}

function rounds(scratch: string, { root, config, yaml }: Places): WarmRound[] {
  const stage = (name: string): WarmRound => {
    const files = ['config-cache', 'neednet', 'state-file'].map((flag) => `-${flag}=${join(scratch, flag)}`)
    return {
      name: 'ignition',
      args: ['-platform=file', `-stage=${name}`, `-root=${root}`, '-log-to-stdout', ...files],
    }
  }
  return [
    { name: 'firstlight', args: ['version'] },
    { name: 'ignition-validate', args: [config] },
    { name: 'firstlight', args: ['validate', config] },
    { name: 'ignition-validate', args: [yaml] },
    stage('fetch'),
    stage('disks'),
    { ...stage('files'), needsRoot: true },
  ]
}

/** Programs that do nothing, first in PATH; and no config of this machine is read. */
function standIns(scratch: string): void {
  const bin = join(scratch, 'bin')
  mkdirSync(bin)
  for (const name of account) {
    writeFileSync(join(bin, name), '#!/bin/sh\n')
    chmodSync(join(bin, name), 0o755)
  }
  process.chdir(scratch)
  process.env['PATH'] = `${bin}:${process.env['PATH']}`
  writeFileSync(join(scratch, 'cmdline'), 'quiet\n')
  process.env['FIRSTLIGHT_RUN_DIR'] = join(scratch, 'run')
  process.env['IGNITION_KERNEL_CMDLINE_PATH'] = join(scratch, 'cmdline')
  for (const kind of ['SYSTEM', 'SYSTEM_LOCAL', 'SYSTEM_RUNTIME'])
    process.env[`IGNITION_${kind}_CONFIG_DIR`] = join(scratch, kind)
}

const exampleYaml = `variant: fcos
version: 1.6.0
storage:
  files:
    - &motd
      path: /etc/motd
      mode: 0644
      contents:
        inline: |
          Hello
    - {<<: *motd, path: /etc/issue, overwrite: yes}
  filesystems:
    - device: /dev/disk/by-partlabel/var
      path: /var
      format: "xfs"
      with_mount_unit: true
boot_device: {luks: {tpm2: true}}
`

function exampleConfig(served: string): object {
  const owner = { user: { id: process.getuid?.() ?? 0 }, group: { id: process.getgid?.() ?? 0 } }
  return {
    ignition: { version: '3.4.0' },
    passwd: {
      groups: [{ name: 'operators' }],
      users: [{ name: 'operator', groups: ['operators'], shell: '/bin/sh', noCreateHome: true }],
    },
    storage: {
      directories: [{ path: '/srv/data', mode: 0o750, ...owner }],
      files: [
        { path: '/etc/hostname', mode: 0o644, contents: { source: 'data:,first%0A' }, ...owner },
        { path: '/srv/data/served', mode: 0o600, contents: { source: served }, ...owner },
        { path: '/etc/motd', append: [{ source: 'data:;base64,aGVsbG8K' }], ...owner },
      ],
      links: [{ path: '/etc/served', target: '/srv/data/served', ...owner }],
    },
    systemd: {
      units: [
        {
          name: 'example.service',
          enabled: true,
          contents: '[Service]\nExecStart=/bin/true\n\n[Install]\nWantedBy=multi-user.target\n',
          dropins: [{ name: '10-more.conf', contents: '[Service]\nNice=5\n' }],
        },
        { name: 'other.service', mask: true },
      ],
    },
  }
}
