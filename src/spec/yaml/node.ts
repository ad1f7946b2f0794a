/** A value of a YAML document; aliases share what they stand for. Offsets are UTF-16 units of the text. */
export type YamlNode = YamlScalar | YamlMap | YamlList

export interface YamlScalar {
  readonly kind: 'scalar'
  /** As it is written, without quotes and escapes: what it means depends on the field. */
  readonly text: string
  /** Whether it is written without quotes. */
  readonly plain: boolean
  readonly offset: number
}

export interface YamlMap {
  readonly kind: 'map'
  readonly members: ReadonlyMap<string, YamlMember>
  readonly offset: number
}

export interface YamlMember {
  /** Where the key stands. */
  readonly offset: number
  readonly value: YamlNode
}

interface YamlList {
  readonly kind: 'list'
  readonly items: readonly YamlNode[]
  readonly offset: number
}

/** What keeps a text from being a YAML document that is taken. */
export interface YamlFault {
  readonly kind: 'fault'
  readonly rule: 'YAML-SYNTAX' | 'YAML-LIMIT'
  readonly offset: number
  readonly message: string
}
