import { findBase64Fault } from './base64.ts'
import { isGoString } from './go-string.ts'
import { findBrokenEscape, percentDecode } from './percent.ts'

/** Why a text is not a data URL; the names are rule ids. */
type DataUrlFault =
  | 'DATA-PREFIX'
  | 'DATA-NO-COMMA'
  | 'DATA-BAD-START'
  | 'DATA-UNKNOWN-TYPE'
  | 'DATA-BAD-TYPE-CHAR'
  | 'DATA-NO-SLASH'
  | 'DATA-BAD-SUBTYPE-CHAR'
  | 'DATA-INCOMPLETE-TYPE'
  | 'DATA-PARAM-UNTERMINATED'
  | 'DATA-BAD-ATTR-CHAR'
  | 'DATA-EXPECT-BASE64'
  | 'DATA-QUOTE-UNCLOSED'
  | 'DATA-QUOTE-ESC'
  | 'DATA-BAD-PVAL-CHAR'
  | 'DATA-UNQUOTE'
  | 'DATA-EXPECT-SEP'
  | 'DATA-BAD-CHAR'
  | 'DATA-PCT-SHORT'
  | 'DATA-PCT-NONHEX'
  | 'DATA-BASE64'

/** What a data URL says, still encoded, or what is wrong with it. */
export type DataUrl =
  | { readonly kind: 'data'; readonly base64: boolean; readonly text: string }
  | { readonly kind: 'fault'; readonly rule: DataUrlFault }

/** A step of the header: the rule that it breaks, or where the next step begins. */
type Step =
  | { readonly kind: 'fault'; readonly rule: DataUrlFault }
  | { readonly kind: 'data'; readonly at: number; readonly base64: boolean }
  | { readonly kind: 'parameter'; readonly at: number }

const fault = (rule: DataUrlFault) => ({ kind: 'fault' as const, rule })

/** Characters of RFC 2045 tokens, from `at` on. */
const tokens = /[!#-'*+\-.0-9A-Z^-~]*/y

function tokenEnd(text: string, at: number): number {
  tokens.lastIndex = at
  return at + (tokens.exec(text)?.[0].length ?? 0)
}

/** Checks a data URL as strictly as the reference does; the media type is not kept. */
export function readDataUrl(url: string): DataUrl {
  const step = readHeader(url)
  if (step.kind === 'fault') return step
  const text = url.slice(step.at)
  const rule = step.base64 ? findFaultInBase64(text) : findFaultInPlain(text)
  return rule === undefined ? { kind: 'data', base64: step.base64, text } : fault(rule)
}

/** The bytes that a data URL stands for; undefined when it is not a right one. */
export function parseDataUrl(url: string): Uint8Array | undefined {
  const data = readDataUrl(url)
  if (data.kind === 'fault') return undefined
  return data.base64 ? Uint8Array.fromBase64(data.text) : percentDecode(data.text)
}

/** Configs have many data URLs and few headers: what begins like the last one goes on like the last one. */
let lastHeader: { readonly text: string; readonly step: Extract<Step, { kind: 'data' }> } | undefined

function readHeader(url: string): Exclude<Step, { kind: 'parameter' }> {
  if (lastHeader !== undefined && url.startsWith(lastHeader.text)) return lastHeader.step
  if (!url.startsWith('data:')) return fault('DATA-PREFIX')
  let step = readType(url)
  while (step.kind === 'parameter') step = readParameter(url, step.at)
  if (step.kind === 'data') lastHeader = { text: url.slice(0, step.at), step }
  return step
}

function readType(url: string): Step {
  const start = 'data:'.length
  const first = url[start]
  if (first === undefined) return fault('DATA-NO-COMMA')
  if (first === ';') return { kind: 'parameter', at: start + 1 }
  if (first === ',') return { kind: 'data', at: start + 1, base64: false }
  if (tokenEnd(url, start) === start) return fault('DATA-BAD-START')
  const isX = first === 'x' || first === 'X'
  const isExtension = isX && url[start + 1] === '-'
  const slash = tokenEnd(url, isX ? start + 2 : start)
  if (slash >= url.length) return fault('DATA-NO-SLASH')
  if (url[slash] !== '/') return fault('DATA-BAD-TYPE-CHAR')
  const known = /^(text|image|audio|video|application|message|multipart)/.test(url.slice(start, slash))
  if (!isExtension && !known) return fault('DATA-UNKNOWN-TYPE')
  const end = tokenEnd(url, slash + 1)
  if (end >= url.length) return fault('DATA-INCOMPLETE-TYPE')
  return readSeparator(url, end) ?? fault('DATA-BAD-SUBTYPE-CHAR')
}

function readSeparator(url: string, at: number): Step | undefined {
  if (url[at] === ';') return { kind: 'parameter', at: at + 1 }
  return url[at] === ',' ? { kind: 'data', at: at + 1, base64: false } : undefined
}

function readParameter(url: string, start: number): Step {
  const first = url[start]
  if (first === undefined || first === '=' || first === ',') return fault('DATA-PARAM-UNTERMINATED')
  const end = tokenEnd(url, start)
  if (end === start) return fault('DATA-BAD-ATTR-CHAR')
  if (end >= url.length) return fault('DATA-PARAM-UNTERMINATED')
  if (url[end] === ',') {
    return url.slice(start, end) === 'base64'
      ? { kind: 'data', at: end + 1, base64: true }
      : fault('DATA-EXPECT-BASE64')
  }
  if (url[end] !== '=') return fault('DATA-BAD-ATTR-CHAR')
  return url[end + 1] === '"' ? readQuotedValue(url, end + 2) : readPlainValue(url, end + 1)
}

function readPlainValue(url: string, start: number): Step {
  if (start >= url.length) return fault('DATA-NO-COMMA')
  const end = tokenEnd(url, start)
  if (end === start) return fault('DATA-BAD-PVAL-CHAR')
  if (end >= url.length) return fault('DATA-NO-COMMA')
  const next = readSeparator(url, end)
  if (next === undefined) return fault('DATA-BAD-PVAL-CHAR')
  const rule = findFaultInEscapes(url.slice(start, end))
  return rule === undefined ? next : fault(rule)
}

function readQuotedValue(url: string, start: number): Step {
  let at = start
  while (url[at] !== '"') {
    const escaped = url[at] === '\\'
    if (escaped) at += 1
    const unit = url.charCodeAt(at)
    if (Number.isNaN(unit)) return fault('DATA-QUOTE-UNCLOSED')
    if (unit > 0x7f) return fault(escaped ? 'DATA-QUOTE-ESC' : 'DATA-BAD-PVAL-CHAR')
    at += 1
  }
  if (!isGoString(url.slice(start, at))) return fault('DATA-UNQUOTE')
  if (at + 1 >= url.length) return fault('DATA-NO-COMMA')
  return readSeparator(url, at + 1) ?? fault('DATA-EXPECT-SEP')
}

function findFaultInPlain(text: string): DataUrlFault | undefined {
  if (/[^!$-;=?-Z_a-z~]/.test(text)) return 'DATA-BAD-CHAR'
  return findFaultInEscapes(text)
}

function findFaultInEscapes(text: string): DataUrlFault | undefined {
  const at = findBrokenEscape(text)
  if (at < 0) return undefined
  return at + 2 < text.length ? 'DATA-PCT-NONHEX' : 'DATA-PCT-SHORT'
}

function findFaultInBase64(text: string): DataUrlFault | undefined {
  if (/[^A-Za-z0-9+/=]/.test(text)) return 'DATA-BAD-CHAR'
  return findBase64Fault(text) === undefined ? undefined : 'DATA-BASE64'
}
