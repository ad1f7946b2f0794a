import { createReadStream } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { cached, digestFiles } from '../../../build/cache.ts'
import { run } from '../../../build/run.ts'
import type { Machine } from './machine.ts'

export interface BootServer extends AsyncDisposable {
  /** The server's address as the guest sees it: QEMU's name for the host's loopback. */
  readonly guestUrl: string
  /** Paths, in the order in which they were asked for. */
  readonly requests: readonly string[]
}

/**
 * A server on loopback for one boot: `/config.ign` is the config, with the server's address for each `@SERVER@`, and
 * `/contents` what it refers to, the default being a line of text; for a machine also what it boots from, `/kernel` and `/initramfs`.
 */
export async function serveConfig(
  config: string,
  { machine, contents = 'over the network\n' }: { machine?: Machine; contents?: string | Uint8Array } = {},
): Promise<BootServer> {
  const requests: string[] = []
  const answers = new Map<string, (response: ServerResponse) => void>()
  const text = (value: string | Uint8Array) => (response: ServerResponse) => void response.end(value)
  const file = (path: string) => (response: ServerResponse) => void createReadStream(path).pipe(response)
  answers.set('/contents', text(contents))
  if (machine) {
    answers.set('/kernel', file(machine.kernel))
    answers.set('/initramfs', file((await compressed(machine)).initramfs))
  }
  const server = createServer((request, response) => {
    const path = request.url ?? ''
    requests.push(path)
    const answer = answers.get(path)
    if (answer) answer(response)
    else response.writeHead(404).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const guestUrl = `http://10.0.2.2:${(server.address() as AddressInfo).port}`
  answers.set('/config.ign', text(config.replaceAll('@SERVER@', guestUrl)))
  return {
    guestUrl,
    requests,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** A machine whose initramfs takes a third of the bytes, as a distribution's: worth the unpacking where bytes are dear. */
export async function compressed(machine: Machine): Promise<Machine> {
  const { initramfs } = machine
  const folder = await cached({
    name: 'network-initramfs',
    key: digestFiles(initramfs),
    async build(output) {
      await run('zstd', ['-q', '-3', '-T0', initramfs, '-o', join(output, 'initramfs.img')])
    },
  })
  return { ...machine, initramfs: join(folder, 'initramfs.img') }
}
