import { configField } from '../../src/spec/config.ts'
import type { Field, ObjectField } from '../../src/spec/field.ts'
import { isSince, type Version } from '../../src/spec/versions.ts'

type Struct = Record<string, unknown>

/** Values that the rules take, by the end of the path; other strings are `x`, integers 1, booleans false. */
const values: readonly (readonly [end: string, value: unknown])[] = [
  ['source', 'https://example.com/x'],
  ['compression', 'gzip'],
  ['hash', `sha512-${'0'.repeat(128)}`],
  ['httpProxy', 'http://proxy.example.com'],
  ['httpsProxy', 'https://proxy.example.com'],
  ['directories.path', '/directory'],
  ['files.path', '/file'],
  ['links.path', '/link'],
  ['user.name', ''],
  ['group.name', ''],
  ['filesystems.path', '/mount'],
  ['filesystems.device', '/dev/filesystem'],
  ['device', '/dev/x'],
  ['devices', '/dev/x'],
  ['format', 'ext4'],
  ['level', 'raid1'],
  ['guid', '01234567-89AB-CDEF-0123-456789ABCDEF'],
  ['typeGuid', '01234567-89AB-CDEF-0123-456789ABCDEF'],
  ['custom.pin', ''],
  ['custom.config', ''],
  ['tang.url', 'http://tang.example.com'],
  ['advertisement', '{}'],
  ['units.name', 'x.service'],
  ['dropins.name', 'x.conf'],
  ['contents', '[Unit]\nDescription=x\n'],
  ['kernelArguments.shouldExist', 'x'],
  ['kernelArguments.shouldNotExist', 'y'],
  ['shouldExist', true],
]

/** A config of a version in which every field is set and no rule is broken. */
export function fullConfig(version: Version): Struct & { ignition: Struct } {
  const config = fill(configField, '', version) as Struct & { ignition: Struct }
  return { ...config, ignition: { ...config.ignition, version } }
}

function fill(field: Field, path: string, version: Version): unknown {
  switch (field.kind) {
    case 'object':
      return fillObject(field, path, version)
    case 'list':
      return [fill(field.item, path, version)]
    case 'string':
    case 'secret':
      return valueAt(path) ?? 'x'
    case 'integer':
      return 1
    case 'boolean':
      return valueAt(path) ?? false
  }
}

const fillObject = ({ fields }: ObjectField, path: string, version: Version): Struct =>
  Object.fromEntries(
    Object.entries(fields)
      .filter(([name, member]) => isSince(version, member.since) && !isLeftOut(name, version))
      .map(([name, member]) => [name, fill(member, `${path}.${name}`, version)]),
  )

/** Before 3.3.0 a custom object that is there, however empty, excludes the other means of clevis. */
const isLeftOut = (name: string, version: Version): boolean => name === 'custom' && !isSince(version, '3.3.0')

function valueAt(path: string): unknown {
  return values.find(([end]) => path.endsWith(`.${end}`))?.[1]
}
