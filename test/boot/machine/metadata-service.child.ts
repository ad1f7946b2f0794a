// A cloud's metadata service as a process of its own, for a network namespace: `metadata-service.child.ts FIXTURE CONFIG`.
// Answers the exchanges of a fixture of fixtures/platforms on port 80 of every address; the config takes the place of
// the fixture's own. Prints `ready`, then a line for each request.
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { Exchange } from '../../helpers/emulator.ts'

const [fixture = '', config = ''] = process.argv.slice(2)
const { exchanges } = JSON.parse(readFileSync(fixture, 'utf8')) as { readonly exchanges: readonly Exchange[] }
const text = readFileSync(config, 'utf8')
/** The last answer of every fixture is the config, in base64 where the cloud sends it so. */
const last = exchanges.at(-1)
const isPlain = last?.response.body?.startsWith('{') === true
const body = isPlain ? text : Buffer.from(text).toString('base64')

createServer((request, response) => {
  const url = `http://${request.headers.host}${request.url}`
  const match = exchanges.find((one) => one.request.method === request.method && one.request.url === url)
  const wrong = Object.entries(match?.request.headers ?? {}).find(
    ([name, value]) => request.headers[name.toLowerCase()] !== value,
  )
  response.statusCode = match === undefined || wrong !== undefined ? 400 : match.response.status
  console.log(`${request.method} ${url} ${response.statusCode}`)
  response.end(match === last ? body : (match?.response.body ?? ''))
}).listen(80, () => console.log('ready'))
