import { isSet, type Secret } from '../../secret.ts'
import type { Config, ConfigResource } from '../config.ts'
import type { ConfigPath } from '../report.ts'
import { parseUrl } from '../url.ts'
import type { RuleId } from './catalogue.ts'
import { type Add, byteLength, type Check, check, type Scope } from './check.ts'
import { findSourceFault, isWebUrl } from './source.ts'

type Header = ConfigResource['httpHeaders'][number]
type Verification = ConfigResource['verification']

/** Checks of a resource, its headers and its hash, in the order in which they are reported. */
const resource = (on: string, look: (value: ConfigResource, add: Add, scope: Scope) => void): Check[] => [
  { on, look },
  { on: `${on}.httpHeaders[]`, look: lookAtHeader },
  { on: `${on}.verification`, look: lookAtHash },
]

function lookAtResource(value: ConfigResource, add: Add, scope: Scope): void {
  const { source, verification } = value
  lookAtCompression(value, add)
  if (verification.hash !== undefined && source === undefined) add('HASH-NO-SOURCE', ['verification', 'hash'])
  if (isSet(source)) addFault(findSourceFault(source.reveal(), scope), add, ['source'])
  lookAtHeaders(value, add)
}

/** A reference may have a hash without a source in the first version. */
function lookAtReference(value: ConfigResource, add: Add, scope: Scope): void {
  if (scope.since('3.1.0')) {
    lookAtResource(value, add, scope)
    return
  }
  if (isSet(value.source)) addFault(findSourceFault(value.source.reveal(), scope), add, ['source'])
}

/** Entries that need a source; a wrong one is reported here, at the entry, and once more at the source itself. */
function lookAtEntries(entries: readonly ConfigResource[], add: Add, { name, scope }: Entries): void {
  if (!scope.since('3.1.0')) return
  for (const [index, { source }] of entries.entries()) {
    if (isSet(source)) addFault(findSourceFault(source.reveal(), scope), add, [name, index])
    else add('SRC-REQUIRED', [name, index])
  }
}

interface Entries {
  readonly name: string
  readonly scope: Scope
}

function lookAtAuthority(value: ConfigResource, add: Add, scope: Scope): void {
  if (!scope.since('3.1.0') && !isSet(value.source)) add('URL-SCHEME', ['source'])
  lookAtReference(value, add, scope)
}

function addFault(rule: RuleId | undefined, add: Add, at: ConfigPath): void {
  if (rule !== undefined) add(rule, at)
}

function lookAtCompression({ compression }: ConfigResource, add: Add): void {
  if (isSet(compression) && compression !== 'gzip') add('COMPRESSION', ['compression'])
}

function lookAtHeaders({ httpHeaders, source }: ConfigResource, add: Add): void {
  if (httpHeaders.length === 0) return
  const isWeb = isSet(source) ? isWebUrl(source.reveal()) : undefined
  if (isWeb === undefined) add('URL-PARSE', ['httpHeaders'], 'headers need a source')
  else if (!isWeb) add('HDR-SCHEME', ['httpHeaders'])
}

function lookAtHeader({ name, value }: Header, add: Add): void {
  if (name === '') add('HDR-NAME-EMPTY', ['name'])
  if (value?.reveal() === '') add('HDR-VALUE-EMPTY', ['value'])
}

/** Hexadecimal digits of a digest, and the first version that knows the function. */
const hashFunctions = new Map([
  ['sha512', { digits: 128, since: '3.0.0' }],
  ['sha256', { digits: 64, since: '3.1.0' }],
] as const)

function lookAtHash({ hash }: Verification, add: Add, scope: Scope): void {
  if (hash === undefined) return
  const hyphen = hash.indexOf('-')
  if (hyphen < 0) {
    add('HASH-MALFORMED', ['hash'])
    return
  }
  const known = hashFunctions.get(hash.slice(0, hyphen) as 'sha512')
  if (known === undefined || !scope.since(known.since)) {
    add('HASH-FUNC', ['hash'], scope.since('3.1.0') ? 'use sha512 or sha256' : 'use sha512')
    return
  }
  const length = byteLength(hash.slice(hyphen + 1))
  if (length !== known.digits) add('HASH-SIZE', ['hash'], `it has ${length} bytes of ${known.digits}`)
}

function lookAtProxies({ httpProxy, httpsProxy }: Config['ignition']['proxy'], add: Add): void {
  lookAtProxy(httpProxy, add, 'httpProxy')
  lookAtProxy(httpsProxy, add, 'httpsProxy')
  if (httpsProxy !== undefined && parseUrl(httpsProxy.reveal())?.scheme === 'http')
    add('PROXY-INSECURE', ['httpsProxy'])
}

function lookAtProxy(proxy: Secret | undefined, add: Add, name: string): void {
  if (proxy === undefined) return
  const isWeb = isWebUrl(proxy.reveal())
  if (isWeb === undefined) add('URL-PARSE', [name])
  else if (!isWeb) add('PROXY-SCHEME', [name])
}

export const resourceChecks: readonly Check[] = [
  check('ignition.config', ({ merge }, add, scope) => lookAtEntries(merge, add, { name: 'merge', scope })),
  ...resource('ignition.config.merge[]', lookAtReference),
  ...resource('ignition.config.replace', lookAtReference),
  check('ignition.proxy', lookAtProxies),
  check('ignition.security.tls', ({ certificateAuthorities }, add, scope) =>
    lookAtEntries(certificateAuthorities, add, { name: 'certificateAuthorities', scope }),
  ),
  ...resource('ignition.security.tls.certificateAuthorities[]', lookAtAuthority),
  ...resource('storage.files[].append[]', lookAtResource),
  ...resource('storage.files[].contents', lookAtResource),
  ...resource('storage.luks[].keyFile', lookAtResource),
]
