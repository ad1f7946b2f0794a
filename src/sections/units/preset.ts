import type { ConfigUnit } from '../../spec/config.ts'

export type PresetLine =
  | { readonly kind: 'enable'; readonly unit: string; readonly line: string }
  /** Takes effect only if systemctl says that the unit is enabled when its turn comes. */
  | { readonly kind: 'disable'; readonly unit: string; readonly line: string }

/**
 * What the preset file says about the units that are enabled or disabled, in the byte order of `<unit>-enabled` and
 * `<unit>-disabled`. All enabled instances of a template share one line.
 */
export function presetLines(units: readonly ConfigUnit[]): readonly PresetLine[] {
  const lines = new Map<string, PresetLine>()
  for (const { name, enabled } of units) {
    if (enabled === false)
      lines.set(`${name}-disabled`, { kind: 'disable', unit: name, line: `disable ${name}` })
    if (enabled !== true) continue
    const { template, instance } = splitInstance(name)
    const key = `${template}-enabled`
    const line = lines.get(key)?.line ?? `enable ${template}`
    lines.set(key, {
      kind: 'enable',
      unit: template,
      line: instance === undefined ? line : `${line} ${instance}`,
    })
  }
  return [...lines].toSorted(([a], [b]) => compareBytes(a, b)).map(([, line]) => line)
}

/** `a@b.service` is instance `b` of `a@.service`; the template itself counts as the instance without a name. */
function splitInstance(name: string): { template: string; instance?: string } {
  const at = name.indexOf('@')
  if (at < 0) return { template: name }
  const dot = Math.max(name.lastIndexOf('.'), at)
  return { template: name.slice(0, at + 1) + name.slice(dot), instance: name.slice(at + 1, dot) }
}

/** As UTF-8: by code points, where JavaScript compares UTF-16. */
function compareBytes(one: string, other: string): number {
  const a = Array.from(one, (character) => character.codePointAt(0) ?? 0)
  const b = Array.from(other, (character) => character.codePointAt(0) ?? 0)
  const at = a.findIndex((code, index) => code !== b[index])
  return at < 0 ? a.length - b.length : (a[at] ?? 0) - (b[at] ?? -1)
}
