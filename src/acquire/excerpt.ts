import { showUrl } from '../resources/show-url.ts'
import { Secret } from '../secret.ts'
import type { Config } from '../spec/config.ts'
import { type Place, valueAt } from '../spec/place.ts'
import type { ConfigPath } from '../spec/report.ts'
import { isOpenMember } from './open-members.ts'

/** Members that are URLs, in the spelling of either: password, token and inline data are left out. */
const urlMembers = new Set(['source', 'url'])

/** Columns that are shown of a line. */
const width = 100

/**
 * The member at a place as the user has written it, from the config that was read: `"mode": 420`. Undefined when it may
 * be secret, or is more than a line.
 */
export function excerptOf(config: Config, path: ConfigPath, place: Place): string | undefined {
  const value = valueAt(config, path)
  const member = place.path.findLast((step) => typeof step === 'string')
  if (member === undefined || place.format === undefined) return undefined
  const shown = showValue(String(member), value, place.format === 'json')
  if (shown === undefined) return undefined
  if (typeof place.path.at(-1) === 'number') return clip(place.format === 'json' ? shown : `- ${shown}`)
  return clip(place.format === 'json' ? `"${member}": ${shown}` : `${member}: ${shown}`)
}

function showValue(member: string, value: unknown, quoted: boolean): string | undefined {
  switch (typeof value) {
    case 'number':
    case 'bigint':
    case 'boolean':
      return String(value)
    case 'string':
      return isOpenMember(member) ? showText(value, quoted) : undefined
    default:
      return value instanceof Secret && urlMembers.has(member) ? showLink(value, quoted) : undefined
  }
}

const showText = (text: string, quoted: boolean): string =>
  quoted || /[\n:#]\s|^\s|\s$/.test(text) ? JSON.stringify(text) : text

function showLink(url: Secret, quoted: boolean): string | undefined {
  const text = url.reveal()
  return /^data:/i.test(text) ? undefined : showText(showUrl(text), quoted)
}

const clip = (text: string): string => (text.length > width ? `${text.slice(0, width)}…` : text)

/**
 * The line of a text that is no right config: shown only when it has nothing but the member at the path, and that is
 * no secret.
 */
export function lineOf(bytes: Uint8Array, { path, position }: Place): string | undefined {
  const member = String(path.at(-1))
  if (!isOpenMember(member)) return undefined
  const line = new TextDecoder().decode(bytes).split('\n')[position.line - 1] ?? ''
  const [, text = ''] = /^\s*(?:-\s+)*(.*?)\s*,?\s*$/.exec(line.replace(/\s#.*$/, '')) ?? []
  const [, key, value = ''] = /^"?([A-Za-z_]+)"?\s*:\s*(.*)$/.exec(text) ?? []
  const isScalar = /^(?:"[^"\\]*"|'[^']*'|[^\s"'{[|>&*!,:][^"'{}[\],:]*)$/.test(value)
  if (key !== member || !isScalar || /data:|[?@]|\/\/.*:.*@/i.test(value)) return undefined
  return clip(text)
}
