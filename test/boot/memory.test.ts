import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { boot } from './machine/boot.ts'
import { compressed, serveConfig } from './machine/boot-server.ts'
import { prepareMachine } from './machine/machine.ts'
import { fromServer, say, withDisk } from './machine/scenario.ts'

/** `docs/testing.md` says what less does. */
const memoryMiB = 384

/** More than such a machine may stage: it goes from the network to the disk. */
const contents = Buffer.alloc(64 * 2 ** 20, 'contents of a large file, not worth a thought\n')
const hashOf = (algorithm: string) => createHash(algorithm).update(contents).digest('hex')

const config = JSON.stringify({
  ignition: { version: '3.3.0' },
  storage: {
    files: [
      {
        path: '/srv/large',
        contents: { source: '@SERVER@/contents', verification: { hash: `sha512-${hashOf('sha512')}` } },
      },
    ],
  },
})

test(`a machine of ${memoryMiB} MiB fetches a file of 64 MiB to its disk`, async () => {
  const machine = await compressed(await prepareMachine(say))
  await withDisk(machine, async (disk) => {
    await using server = await serveConfig(config, { contents })
    const { report } = await boot({
      machine,
      disk,
      memoryMiB,
      ...fromServer(server.guestUrl),
      network: true,
      paths: ['/srv/large'],
    })
    expect(report).toMatchObject({ reason: 'real-root', failedUnits: [] })
    expect(report.paths.get('/srv/large')).toMatchObject({
      type: 'regular file',
      mode: '644',
      bytes: contents.length,
      content: hashOf('sha256'),
    })
  })
})
