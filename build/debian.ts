import { run } from './run.ts'

/** The release that machines and libraries of the tests are made of. */
export const suite = 'trixie'

interface Unpacking {
  readonly packages: readonly string[]
  /** Options of mmdebstrap(1). */
  readonly options: readonly string[]
  /** Keys that the packages must be signed with; those of this machine's apt otherwise. */
  readonly keyring?: string
  readonly environment?: Readonly<Record<string, string>>
}

/** Unpacks packages and what they depend on, but not what they recommend, into a folder. */
export async function unpackDebian(folder: string, unpacking: Unpacking): Promise<void> {
  const { packages, options, keyring, environment } = unpacking
  const signed = keyring === undefined ? '' : `[signed-by=${keyring}] `
  const source = `deb ${signed}${await debianMirror()} ${suite} main`
  const small = ['--aptopt=Apt::Install-Recommends "false"', ...(await aptProxies())]
  const all = ['--mode=root', ...options, ...small, `--include=${packages.join(',')}`]
  await run('mmdebstrap', [...all, suite, folder, source], environment)
}

/**
 * Where Debian packages come from: the machine's own apt sources, unless FIRSTLIGHT_DEBIAN_MIRROR names another
 * place. Throws an Error that says so when the machine has no Debian source.
 */
async function debianMirror(): Promise<string> {
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
async function aptProxies(): Promise<string[]> {
  const format = ['dump', '--no-empty', '--format', '%F "%v"%n']
  const settings = await run('apt-config', [...format, 'Acquire::http::Proxy', 'Acquire::https::Proxy'])
  return settings.split('\n').flatMap((line) => (line === '' ? [] : [`--aptopt=${line}`]))
}
