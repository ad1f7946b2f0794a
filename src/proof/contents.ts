import { digest } from '../digest.ts'
import { needsNetwork } from '../resources/schemes.ts'
import { sourceOf } from '../resources/source-of.ts'
import { isSet, reveal } from '../secret.ts'
import type { Resource } from '../section.ts'
import type { Config } from '../spec/config.ts'
import type { ConfigPath } from '../spec/report.ts'

/** Contents that a later stage will ask for. */
export interface Content {
  readonly resource: Resource
  /** Where the config names it, the first time. */
  readonly about: ConfigPath
  /** Of contents from afar, equal for equal ones: the name that they are staged under. */
  readonly key: string | undefined
  /** How often the config wants them. */
  readonly uses: number
}

/** All contents of a config, those from afar once each: those of files and key files. Authorities are in the rendered config itself. */
export function contentsOf({ storage }: Config): readonly Content[] {
  const named = [
    ...storage.luks.map(({ keyFile }, index) => ({
      resource: keyFile,
      about: ['storage', 'luks', index, 'keyFile'],
    })),
    ...storage.files.flatMap(({ contents, append }, file) => [
      { resource: contents, about: ['storage', 'files', file, 'contents'] },
      ...append.map((resource, index) => ({ resource, about: ['storage', 'files', file, 'append', index] })),
    ]),
  ]
  const found = new Map<string | Resource, Content>()
  for (const { resource, about } of named) {
    if (!isSet(resource.source)) continue
    const key = isStaged(resource) ? contentKey(resource) : undefined
    const before = found.get(key ?? resource)
    found.set(
      key ?? resource,
      before ? { ...before, uses: before.uses + 1 } : { resource, about, key, uses: 1 },
    )
  }
  return [...found.values()]
}

/** Whether contents are worth keeping: those that are in the config itself are there anyway. */
export const isStaged = (resource: Resource): boolean => needsNetwork(sourceOf(resource))

/** Digest of all that decides what arrives, and as whom it is asked for. */
export function contentKey(resource: Resource): string {
  const { compression = '', httpHeaders = [], verification } = resource
  const headers = httpHeaders.map(({ name, value }) => [name, reveal(value ?? '')])
  const parts = [sourceOf(resource), compression, headers, verification?.hash ?? '']
  return digest('sha256', JSON.stringify(parts))
}
