import { setTimeout as pause } from 'node:timers/promises'
import { type Misbehave, respond } from './emulator.ts'

const bodyOf = ({ right }: Parameters<Misbehave>[0]) => Buffer.from(right.body ?? '')

/** Headers late, then one byte after another; it is all there in the end. */
export const slow: Misbehave = (wrong) => {
  const { response, right } = wrong
  const send = async () => {
    await pause(20)
    response.writeHead(right.status)
    for (const byte of bodyOf(wrong)) {
      response.write(Buffer.of(byte))
      await pause(1)
    }
    response.end()
  }
  void send()
}

/** No headers. */
export const silent: Misbehave = () => undefined

/** Headers and half of the body, then nothing. */
export const stalled: Misbehave = (wrong) => {
  const body = bodyOf(wrong)
  wrong.response.writeHead(wrong.right.status, { 'Content-Length': body.length + 1 })
  wrong.response.write(body.subarray(0, body.length / 2))
}

export const failing: Misbehave = ({ response }) => respond(response, { status: 500, body: 'out of order' })

/** Fewer bytes than it said, then the connection is closed. */
export const truncated: Misbehave = (wrong) => {
  const body = bodyOf(wrong)
  wrong.response.writeHead(wrong.right.status, { 'Content-Length': body.length + 10 })
  wrong.response.write(body.subarray(0, body.length / 2), () => wrong.response.destroy())
}

export const circular: Misbehave = ({ request, response }) => {
  response.writeHead(307, { Location: request.url ?? '/' })
  response.end()
}

/** A body of the server's own choice. */
export const saying =
  (body: string): Misbehave =>
  ({ response }) =>
    respond(response, { status: 200, body })

/** The same for so many times, then as it should be. */
export const atFirst =
  (times: number, misbehave: Misbehave): Misbehave =>
  (wrong) =>
    wrong.attempt <= times ? misbehave(wrong) : respond(wrong.response, wrong.right)
