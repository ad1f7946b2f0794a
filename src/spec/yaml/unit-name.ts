const encoder = new TextEncoder()

/** The name that systemd gives the unit of a path, without suffix: <https://www.freedesktop.org/software/systemd/man/systemd-escape.html>. */
export function escapeUnitPath(path: string): string {
  const parts = path.split('/').filter((part) => part !== '')
  if (parts.length === 0) return '-'
  return parts.map((part, index) => escapePart(part, index === 0)).join('-')
}

function escapePart(part: string, isFirst: boolean): string {
  let escaped = ''
  for (const [index, byte] of encoder.encode(part).entries()) {
    const character = String.fromCharCode(byte)
    const isHidden = isFirst && index === 0 && character === '.'
    const stays = /[A-Za-z0-9:_.]/.test(character) && !isHidden
    escaped += stays ? character : `\\x${byte.toString(16).padStart(2, '0')}`
  }
  return escaped
}
