import { createHash } from 'node:crypto'
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** Files whose text is another in every run: the time, the boot, a random key. */
const unlike = ['/etc/.ignition-result.json', '/etc/luks/vault']

/** Every node below a directory in a line: type and mode, owner, contents. */
export function describeTree(top: string): string[] {
  const walk = (path: string): string[] => {
    const full = top + path
    const { mode, uid, gid, size } = lstatSync(full)
    const what = `${path || '/'} ${mode.toString(8)} ${uid}:${gid}`
    switch (mode & 0o170000) {
      case 0o040000:
        return [
          what,
          ...readdirSync(full)
            .sort()
            .flatMap((name) => walk(`${path}/${name}`)),
        ]
      case 0o120000:
        return [`${what} -> ${readlinkSync(full)}`]
      default:
        return [`${what} ${unlike.includes(path) ? '' : `${size} ${textOf(full)}`}`]
    }
  }
  return walk('')
}

function textOf(path: string): string {
  const bytes = readFileSync(path)
  return bytes.length < 400
    ? JSON.stringify(bytes.toString())
    : createHash('sha256').update(bytes).digest('hex')
}
