import { isSet } from '../../secret.ts'
import type { Config, ConfigDirectory, ConfigFile, ConfigLink, ConfigResource } from '../../spec/config.ts'

/** A node of the new root that a config asks for. */
export type Entry =
  | { readonly kind: 'directory'; readonly node: ConfigDirectory }
  | { readonly kind: 'file'; readonly node: ConfigFile }
  | { readonly kind: 'symlink'; readonly node: ConfigLink }
  | { readonly kind: 'hardLink'; readonly node: ConfigLink }

/** All nodes in the order of the config: directories, files, links. */
export function entriesOf({ directories, files, links }: Config['storage']): readonly Entry[] {
  return [
    ...directories.map((node) => ({ kind: 'directory' as const, node })),
    ...files.map((node) => ({ kind: 'file' as const, node })),
    ...links.map((node) => ({
      kind: node.hard === true ? ('hardLink' as const) : ('symlink' as const),
      node,
    })),
  ]
}

const words = {
  directory: 'directory',
  file: 'file',
  symlink: 'symbolic link',
  hardLink: 'hard link',
} as const

/** The entry in words: `file "/etc/motd"`. */
export const nameOf = ({ kind, node }: Entry) => `${words[kind]} ${JSON.stringify(node.path)}`

/** Whether contents have to be fetched; those that are in the config itself come at once. */
export const isRemote = ({ source }: ConfigResource) => isSet(source) && !source.reveal().startsWith('data:')
