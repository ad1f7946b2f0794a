import { isSet, Secret } from '../secret.ts'
import type { Config } from './config.ts'
import type { ConfigPath, Position } from './report.ts'

/** How a text is written: names and values look different in each. */
export type TextFormat = 'json' | 'yaml'

/** Finds the parts of a config in the text that it was read from; nothing is looked for before it is asked for. */
export interface TextMap {
  readonly format: TextFormat
  /** The root of the config in the text, which people know as `source`. */
  start(source: string): TextNode
}

/** A value where it stands in a text. */
export interface TextNode {
  readonly source: string
  readonly format: TextFormat | undefined
  /** Undefined for what nobody wrote. */
  position(): Position | undefined
  path(): ConfigPath
  /** The value inside, by the name or index that the config has for it; this one when there is none. */
  child(step: string | number): TextNode
  /** Whether it is what stands inside another one under just this name. */
  follows(parent: TextNode, step: string | number): boolean
}

/** Where a part of a config comes from. */
export interface Place {
  /** In the words of the text: `storage`, `files`, 0, `contents_local`. */
  readonly path: ConfigPath
  readonly position: Position
  /** `cmdline`, a platform id, the path of a file, or a URL without what may be secret in it. */
  readonly source: string
  /** Undefined when the text could not be read to its end. */
  readonly format?: TextFormat
  /** What stands there, when it can be shown: it is no secret and no more than a line. */
  readonly text?: string
}

/** The place of a value in a text. */
export function placeOfNode(node: TextNode): Place | undefined {
  const position = node.position()
  const { source, format } = node
  return position && { source, ...(format === undefined ? {} : { format }), path: node.path(), position }
}

/** What an error is about, as far as the code that throws it can know. */
export type Subject =
  /** A path of the config. */
  | ConfigPath
  /** An object of the config, and the way to a member of it. */
  | { readonly part: object; readonly member?: ConfigPath }
  /** A device, as the config names it. */
  | { readonly device: string }

/** The path of what an error is about; undefined when the config has nothing of the kind. */
export function pathOfSubject(config: Config, subject: Subject): ConfigPath | undefined {
  if ('device' in subject) return pathOfDevice(config, subject.device)
  if (!('part' in subject)) return subject
  const path = pathInConfig(config, subject.part)
  return path && [...path, ...(subject.member ?? [])]
}

/** Members by which a person knows an item of a list, the best first. */
const namingMembers = ['path', 'name', 'device', 'source', 'label', 'url'] as const

/**
 * The path whose line says best what the value at `path` is: for an item of a list its name, not the brace that it
 * begins with.
 */
export function namingPath(config: Config, path: ConfigPath): ConfigPath {
  const value = valueAt(config, path)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return path
  const members = value as Readonly<Record<string, unknown>>
  const name = namingMembers.find((member) => isName(members[member]))
  return name === undefined ? path : [...path, name]
}

const isName = (value: unknown): boolean =>
  (typeof value === 'string' || value instanceof Secret) && isSet(value)

/** The value at a path of a config; undefined when there is none. */
export function valueAt(config: Config, path: ConfigPath): unknown {
  let value: unknown = config
  for (const step of path) {
    if (typeof value !== 'object' || value === null) return undefined
    value = (value as Readonly<Record<string | number, unknown>>)[step]
  }
  return value
}

/** The first part of a config's storage that names a device; undefined when none does. */
export function pathOfDevice({ storage }: Config, device: string): ConfigPath | undefined {
  for (const list of ['disks', 'raid', 'luks', 'filesystems'] as const)
    for (const [index, item] of storage[list].entries()) {
      const path = ['storage', list, index]
      if ('device' in item && item.device === device) return [...path, 'device']
      const member = 'devices' in item ? item.devices.indexOf(device) : -1
      if (member >= 0) return [...path, 'devices', member]
    }
  return undefined
}

const pathsOfConfigs = new WeakMap<Config, ReadonlyMap<object, ConfigPath>>()

/** The path of an object that is part of a config; undefined when it is not. */
export function pathInConfig(config: Config, part: object): ConfigPath | undefined {
  let paths = pathsOfConfigs.get(config)
  if (paths === undefined) {
    const found = new Map<object, ConfigPath>()
    collectPaths(config, [], found)
    paths = found
    pathsOfConfigs.set(config, paths)
  }
  return paths.get(part)
}

/** What is absent may be one object for all: such a one is found at its first place. */
function collectPaths(value: object, path: ConfigPath, found: Map<object, ConfigPath>): void {
  if (found.has(value) || value instanceof Secret) return
  found.set(value, path)
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries())
      if (typeof item === 'object' && item !== null) collectPaths(item as object, [...path, index], found)
    return
  }
  for (const [name, member] of Object.entries(value))
    if (typeof member === 'object' && member !== null) collectPaths(member as object, [...path, name], found)
}
