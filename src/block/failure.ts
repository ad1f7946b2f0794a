import { IgnitionError } from '../errors.ts'

/** Does a piece of work; its error says first what it was for: `cannot make ext4 on "/dev/sda1": exit status 1: …`. */
export async function saying<T>(purpose: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    if (!(cause instanceof IgnitionError)) throw cause
    throw new IgnitionError({ code: cause.code, message: `cannot ${purpose}: ${cause.message}`, cause })
  }
}
