import { lstatSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Words that stand for secrets, by what they are. Each is in no other text. */
export const canaries = {
  userHash: 'canary-user-hash',
  groupHash: 'canary-group-hash',
  headerValue: 'canary-header-value',
  urlPassword: 'canary-url-password',
  urlToken: 'canary-url-token',
  proxyPassword: 'canary-proxy-password',
  inlineContents: 'canary-inline-contents',
  unitContents: 'canary-unit-contents',
  dropinContents: 'canary-dropin-contents',
  appendedContents: 'canary-appended-contents',
  remoteContents: 'canary-remote-contents',
  keyFile: 'canary-key-file',
  clevisConfig: 'canary-clevis-config',
  thumbprint: 'canary-thumbprint',
  advertisement: 'canary-advertisement',
  mergedHash: 'canary-merged-hash',
  commandLinePassword: 'canary-cmdline-password',
  providerToken: 'canary-provider-token',
} as const

export type Canary = keyof typeof canaries

/** Every form in which a program may write a word: plain, base64 at each offset, percent-encoded, hexadecimal. */
function formsOf(word: string): readonly string[] {
  const bytes = Buffer.from(word)
  const base64 = [0, 1, 2].map((offset) =>
    // the first and last characters depend on what is beside the word
    Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .replace(/=+$/, '')
      .slice(offset === 0 ? 0 : offset + 1, -1),
  )
  const percent = Array.from(bytes, (byte) => `%${byte.toString(16)}`).join('')
  return [word, word.replaceAll('-', '%2D'), percent, bytes.toString('hex'), ...base64]
}

const forms = Object.entries(canaries).map(([name, word]) => ({ name: name as Canary, forms: formsOf(word) }))

/** Which canaries a text has, in any form. */
export function canariesIn(text: string): readonly Canary[] {
  const small = text.toLowerCase()
  return forms
    .filter(({ forms: all }) => all.some((form) => text.includes(form) || small.includes(form.toLowerCase())))
    .map(({ name }) => name)
}

/** The files below a directory that have canaries: path → which, and whether others than root may read the file. */
export function leaksBelow(directory: string): Readonly<Record<string, readonly string[]>> {
  const leaks: Record<string, readonly string[]> = {}
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    const found: string[] = [...canariesIn(readFileSync(path, 'latin1'))]
    if (found.length === 0) continue
    const { mode } = lstatSync(path)
    leaks[path.slice(directory.length + 1)] =
      (mode & 0o077) === 0 ? found : [...found, `mode ${(mode & 0o7777).toString(8)}`]
  }
  return leaks
}
