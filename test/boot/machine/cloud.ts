import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkout } from '../../../build/cache.ts'

/** Addresses of metadata services, on the loopback of a namespace that has no other network. */
const addresses = ['169.254.169.254', '168.63.129.16']

/**
 * In a network namespace whose only network is its own loopback: $1 the log of the service, $2 Node, then the service's
 * arguments up to `--`, then the command to run.
 */
const script = `
ip link set lo up
for address in ${addresses.join(' ')}; do ip address add "$address/32" dev lo; done
log=$1 service=()
shift
while [ "$1" != -- ]; do service+=("$1"); shift; done
shift
"\${service[@]}" > "$log" 2>&1 &
server=$!
for try in $(seq 100); do grep -q ready "$log" && break; sleep 0.1; done
"$@"
status=$?
kill $server
exit $status
`

/** A cloud around one boot. */
export interface Cloud extends Disposable {
  /** Goes before a command and its arguments: the command runs where only the cloud can be reached. */
  readonly prefix: readonly [string, ...string[]]
  /** What the service was asked: `GET http://169.254.169.254/… 200`. */
  requests(): readonly string[]
}

/** The metadata service of a platform, with the answers recorded in its fixture and a config of the test's own. */
export function createCloud(platform: string, config: string): Cloud {
  const folder = mkdtempSync(join(tmpdir(), 'firstlight-cloud-'))
  const log = join(folder, 'requests')
  const configFile = join(folder, 'config.ign')
  writeFileSync(configFile, config)
  const fixture = join(checkout, 'fixtures', 'platforms', platform, 'found.json')
  const service = [
    process.execPath,
    join(import.meta.dirname, 'metadata-service.child.ts'),
    fixture,
    configFile,
  ]
  const namespace = ['unshare', '--net', '--mount', 'bash', '-c', script, 'cloud', log] as const
  return {
    prefix: [...namespace, ...service, '--'],
    requests: () =>
      readFileSync(log, 'utf8')
        .split('\n')
        .filter((line) => line.includes('http://')),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  }
}
