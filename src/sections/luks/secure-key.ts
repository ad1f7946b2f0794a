import type { System } from '../../system/system.ts'
import type { KeyRing } from './key-ring.ts'

/** Where zkey(1) keeps secure keys. */
const repository = '/etc/zkey/repository'

const keyName = (volume: string) => `ignition-luks-${volume}`

/** Has an IBM crypto adapter make a secure key, which only it can use; adds its files to the ring. */
export async function makeSecureKey(system: System, ring: KeyRing, volume: string) {
  const { files } = system
  const name = keyName(volume)
  const path = `${repository}/${name}.skey`
  makeRepository(system)
  if (!files.stat(path)) {
    const apqns = secureDomains(system).join(',')
    const description = `Secure Key for ${volume} Volume`
    const kind = ['--key-type', 'CCA-AESCIPHER', '--xts']
    await system.run(
      'zkey',
      ['generate', '--name', name, ...kind, '--description', description, '--apqns', apqns],
      { description: `generating secure key ${JSON.stringify(name)}` },
    )
  }
  for (const file of [`${name}.info`, `${name}.skey`])
    ring.volumeKeys.set(file, files.read(`${repository}/${file}`))
  return { path, sizeBytes: files.read(path).length }
}

function makeRepository({ files }: System): void {
  for (const path of ['/etc/zkey', repository])
    if (!files.stat(path)) files.makeDirectory(path, { mode: 0o700 })
}

const deviceDirectory = '/sys/bus/ap/devices'

/** Domains of adapters in CCA mode: `04.0011`. */
function secureDomains({ files }: System): readonly string[] {
  if (!files.stat(deviceDirectory)) return []
  return files.list(deviceDirectory).filter((name) => {
    const path = `${deviceDirectory}/${name}`
    if (!/^[0-9a-f]{2}\.[0-9a-f]{4}$/.test(name) || files.lstat(path)?.type === 'directory') return false
    const lines = files.stat(`${path}/uevent`) ? files.readText(`${path}/uevent`).split('\n') : []
    return lines.some((line) => line.split('=')[1] === 'cca')
  })
}
