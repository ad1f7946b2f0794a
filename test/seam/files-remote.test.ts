import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createFetcher } from '../../src/resources/fetch.ts'
import { files } from '../../src/sections/files/index.ts'
import { realSystem } from '../helpers/real-system.ts'
import { scratchDirectory } from '../helpers/scratch.ts'
import { serve } from '../helpers/server.ts'
import { failureOf, provision, stage } from '../helpers/stage.ts'

const setUp = (paths: readonly string[], origin: string) => {
  const root = scratchDirectory()
  mkdirSync(join(root, 'd'))
  const { system, messages } = realSystem()
  const storage = { files: paths.map((path) => ({ path, contents: { source: `${origin}${path}` } })) }
  const context = {
    ...stage({ system, root, config: { storage } }),
    fetch: createFetcher({ system, offline: false }),
  }
  return { root, messages, run: () => provision(context, files) }
}

test('many files come from a slow server side by side', async () => {
  let open = 0
  let most = 0
  const origin = await serve((request, response) => {
    open += 1
    most = Math.max(most, open)
    setTimeout(() => {
      open -= 1
      response.end(request.url)
    }, 50)
  })
  const paths = Array.from({ length: 40 }, (_, index) => `/d/f${index}`)
  const { root, run } = setUp(paths, origin)
  await run()
  for (const path of paths) expect(readFileSync(join(root, path), 'utf8')).toBe(path)
  expect(most).toBeGreaterThan(4)
  expect(most).toBeLessThanOrEqual(16)
})

test('one that is missing ends the others, and no part of them stays', async () => {
  const origin = await serve((request, response) => {
    if (request.url === '/d/gone') {
      setTimeout(() => response.writeHead(404).end(), 100)
      return
    }
    // Half of a body, then silence; or a server that is never well.
    if (request.url === '/d/half') response.writeHead(200, { 'content-length': '1000' }).write('half')
    else response.writeHead(503).end()
  })
  const { root, messages, run } = setUp(['/d/half', '/d/ill', '/d/gone'], origin)
  const failure = await failureOf(run)
  expect(failure.code).toBe('FL_FETCH')
  expect(failure.message).toMatch(/^cannot create file "\/d\/gone": .*resource not found/)
  expect(readdirSync(join(root, 'd'))).toEqual([])
  expect(existsSync(join(root, 'd'))).toBe(true)
  const given = messages.filter(({ message }) =>
    message.includes('given up, since a step beside it has failed'),
  )
  expect(given).toHaveLength(2)
})

test('a set that takes long says how far it is, and nothing of what its URLs keep secret', async () => {
  const MiB = 2 ** 20
  const origin = await serve((_request, response) => {
    response.writeHead(200, { 'content-length': 3 * MiB })
    for (const seconds of [0, 1.2, 2.4])
      setTimeout(() => response.write(Buffer.alloc(MiB)), seconds * 1000).unref()
  })
  const { messages, run } = setUp(['/d/a?token=verysecret', '/d/b', '/d/c'], origin)
  await run()
  const told = messages.filter(({ level, message }) => level === 'notice' && message.includes('fetching: '))
  expect(told.map(({ message }) => message)).toEqual([
    expect.stringMatching(
      /^fetching: [0-2] of 3 files, [67](\.\d)? MiB of 9 MiB, [23](\.\d)? MiB\/s, about [12] s left/,
    ),
  ])
  expect(JSON.stringify(messages.filter(({ message }) => message.includes('http')))).not.toContain(
    'verysecret',
  )
})

test('a file that takes long is named, short ones are not worth a word', async () => {
  const origin = await serve(({ url }, response) => {
    response.write('begin')
    if (url !== '/d/slow') response.end()
    else for (const seconds of [1.2, 2.4]) setTimeout(() => response.write('more'), seconds * 1000).unref()
    if (url === '/d/slow') setTimeout(() => response.end(), 2600).unref()
  })
  const slow = setUp(['/d/slow'], origin)
  await slow.run()
  const lines = slow.messages.filter(({ level }) => level === 'notice').map(({ message }) => message)
  expect(lines).toEqual([expect.stringMatching(`^fetching ${origin}/d/slow: 13 B, [34](\\.\\d)? B/s$`)])
  const quick = setUp(['/d/quick', '/d/other'], origin)
  await quick.run()
  expect(quick.messages.filter(({ level }) => level === 'notice')).toEqual([])
})
