import { run } from './run.ts'

/**
 * Where Debian packages come from: the machine's own apt sources, unless FIRSTLIGHT_DEBIAN_MIRROR names another
 * place. Throws an Error that says so when the machine has no Debian source.
 */
export async function debianMirror(): Promise<string> {
  const chosen = process.env['FIRSTLIGHT_DEBIAN_MIRROR']
  if (chosen) return chosen
  const format = '$(REPO_URI) $(ORIGIN) $(LABEL) $(COMPONENT)'
  const targets = await run('apt-get', ['indextargets', '--format', format, 'Created-By: Packages'])
  const mirror = mirrorOf(targets)
  if (mirror !== undefined) return mirror
  throw new Error(
    "The test machine is made of Debian packages, and no apt source of this machine is Debian's main archive " +
      '(after `apt-get update`). Set FIRSTLIGHT_DEBIAN_MIRROR to the address of a mirror.',
  )
}

/** The address in lines of `URI ORIGIN LABEL COMPONENT`. The security archive has the same origin, another label. */
export function mirrorOf(lines: string): string | undefined {
  for (const line of lines.split('\n')) {
    const [address, origin, label, component] = line.trim().split(' ')
    if (address && origin === 'Debian' && label === 'Debian' && component === 'main') return address
  }
  return undefined
}

/** The machine's own proxies for packages, as mmdebstrap's options: it does not read apt's configuration. */
export async function aptProxies(): Promise<string[]> {
  const format = ['dump', '--no-empty', '--format', '%F "%v"%n']
  const settings = await run('apt-config', [...format, 'Acquire::http::Proxy', 'Acquire::https::Proxy'])
  return settings.split('\n').flatMap((line) => (line === '' ? [] : [`--aptopt=${line}`]))
}
