import type { Config } from './config.ts'
import { isSince, newestVersion, type Version } from './versions.ts'

/** Setuid, setgid and sticky: configs before 3.6.0 could not set them. */
const specialBits = 0o7000

/**
 * Brings a decoded and valid config to the newest version. Decoding has already given newer fields the value of
 * absence; what remains are the changes of meaning.
 */
export function upgrade(config: Config, from: Version): Config {
  if (from === newestVersion) return config
  const ignition = { ...config.ignition, version: newestVersion }
  if (isSince(from, '3.6.0')) return { ...config, ignition }
  const { files, directories } = config.storage
  const storage = {
    ...config.storage,
    files: files.map(withoutSpecialBits),
    directories: directories.map(withoutSpecialBits),
  }
  return { ...config, ignition, storage }
}

function withoutSpecialBits<Node extends { readonly mode?: number | bigint | undefined }>(node: Node): Node {
  const mode = Number(node.mode ?? 0)
  return (mode & specialBits) === 0 ? node : { ...node, mode: mode & ~specialBits }
}
