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
