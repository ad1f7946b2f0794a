import { getSystemErrorMap } from 'node:util'

/** An error like Node's own (`code`, `syscall`, `path`) for a number of errno. */
export function systemError(errno: number, syscall: string, path: string): Error {
  const [code, reason] = getSystemErrorMap().get(-errno) ?? [`errno ${errno}`, 'unknown error']
  return Object.assign(new Error(`${code}: ${reason}, ${syscall} '${path}'`), {
    code,
    errno: -errno,
    syscall,
    path,
  })
}

interface Refused {
  readonly reason: string
  readonly syscall: string
  readonly path: string
}

/** The same for a refusal of our own that the kernel would express so. */
export const refusal = (code: string, { reason, syscall, path }: Refused): Error =>
  Object.assign(new Error(`${code}: ${reason}, ${syscall} '${path}'`), { code, syscall, path })
