import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'

/** The bodies that both servers hand out. The recorded cases know the hashes of these very bytes. */
export const bodies: Readonly<Record<'config' | 'contents', string>> = {
  config: [
    '{',
    '\t"ignition": { "version": "3.0.0" },',
    '\t"storage": {',
    '\t\t"files": [{',
    '\t\t\t"path": "/foo/bar",',
    '\t\t\t"contents": { "source": "data:,example%20file%0A" }',
    '\t\t}]',
    '\t}',
    '}',
  ].join('\n'),
  contents: 'asdf\nfdsa',
}

const usual = {
  accept: 'application/vnd.coreos.ignition+json;version=3.6.0, */*;q=0.1',
  'accept-encoding': 'identity',
}
const custom = { 'x-auth': 'r8ewap98gfh4d8', 'keep-alive': '300' }
const overwritten = {
  'keep-alive': '1000',
  accept: 'application/json',
  'accept-encoding': 'identity, compress',
  'user-agent': 'MyUA',
}

/** Listens on 127.0.0.1:8080, where the configs of the cases look for it. */
export async function startHttpServer(): Promise<Server> {
  const server = createServer(answer)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(8080, '127.0.0.1', resolve)
  })
  return server
}

function answer(request: IncomingMessage, response: ServerResponse): void {
  const [, name, variant = ''] = /^\/(config|contents)(?:_(\w+))?$/.exec(request.url ?? '') ?? []
  const body = name === 'config' || name === 'contents' ? bodies[name] : undefined
  const status = body === undefined ? 404 : statusOf(variant, request.headers)
  if (status === 302) response.setHeader('location', `/${name}_headers_redirected`)
  response.writeHead(status)
  response.end(status === 200 && body !== undefined ? encode(variant, body) : undefined)
}

function encode(variant: string, body: string): string | Buffer {
  return variant === 'compressed' ? gzipSync(body) : body
}

function statusOf(variant: string, headers: IncomingMessage['headers']): number {
  const has = (wanted: Readonly<Record<string, string>>) =>
    Object.entries(wanted).every(([name, value]) => headers[name] === value)
  switch (variant) {
    case '':
    case 'compressed':
      return 200
    case 'headers':
      return has({ ...usual, ...custom }) && headers['user-agent']?.startsWith('Ignition/') ? 200 : 400
    case 'headers_redirect':
      return 302
    case 'headers_redirected':
      return 'x-auth' in headers || 'keep-alive' in headers ? 400 : 200
    case 'headers_overwrite':
      return has(overwritten) ? 200 : 400
    default:
      return 404
  }
}
