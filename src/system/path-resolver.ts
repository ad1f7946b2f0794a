import { posix } from 'node:path'
import { IgnitionError } from '../errors.ts'
import { quote } from './quote.ts'
import type { Files } from './system.ts'

/** As many as the kernel follows: https://man7.org/linux/man-pages/man7/path_resolution.7.html */
const maximumLinks = 40

/** A directory inside the root, without the root in front and without a trailing slash, and the links it took. */
interface Place {
  readonly path: string
  readonly links: number
}

const top: Place = { path: '', links: 0 }

export interface PathResolver {
  /** Absolute path on the machine of a path inside the root; the last component is not followed. */
  resolve(path: string): string
  /** As `resolve`, but the last component is followed too. */
  follow(path: string): string
  /** Drops what is remembered about directories. */
  forget(): void
}

/** Resolves paths below `root` (absolute, without a trailing slash; empty for `/`), remembering every directory. */
export function createPathResolver(files: Files, root: string): PathResolver {
  const places = new Map<string, Place>([['', top]])

  /** A clean path of a directory, as the config has it. */
  const placeOf = (directory: string): Place => {
    let known = directory
    let place = places.get(known)
    while (place === undefined) {
      known = known.slice(0, known.lastIndexOf('/'))
      place = places.get(known)
    }
    if (known === directory) return place
    for (const component of directory.slice(known.length + 1).split('/')) {
      place = enter({ files, root, from: place, component })
      known += `/${component}`
      places.set(known, place)
    }
    return place
  }

  return {
    resolve(path) {
      const { parent, name } = split(path)
      return name === '' ? root || '/' : `${root}${placeOf(parent).path}/${name}`
    },
    follow(path) {
      const { parent, name } = split(path)
      return root + enter({ files, root, from: placeOf(parent), component: name }).path || '/'
    },
    forget() {
      places.clear()
      places.set('', top)
    },
  }
}

interface EnterOptions {
  readonly files: Files
  readonly root: string
  readonly from: Place
  readonly component: string
}

/** One step down from a real directory, through whatever links are there; what is missing is taken for a directory. */
function enter({ files, root, from, component }: EnterOptions): Place {
  const pending = [component]
  let { path, links } = from
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (name === '' || name === '.') continue
    if (name === '..') {
      path = path.slice(0, Math.max(0, path.lastIndexOf('/')))
      continue
    }
    const next = `${path}/${name}`
    if (files.lstat(root + next)?.type !== 'symlink') {
      path = next
      continue
    }
    links += 1
    if (links > maximumLinks) throw tooManyLinks(root, `${from.path}/${component}`)
    const target = files.readlink(root + next)
    if (target.startsWith('/')) path = ''
    pending.push(...target.split('/').reverse())
  }
  return { path, links }
}

/** Cleaned the way the reference cleans: `..` goes by the letters of the path, not by its links. */
function split(path: string): { parent: string; name: string } {
  const clean = posix.normalize(`/${path}`).replace(/\/$/, '')
  const slash = clean.lastIndexOf('/')
  return { parent: clean.slice(0, Math.max(0, slash)), name: clean.slice(slash + 1) }
}

function tooManyLinks(root: string, path: string): IgnitionError {
  return new IgnitionError({
    code: 'FL_PATH_ESCAPES',
    message: `${quote(root + path)} leads through more than ${maximumLinks} symbolic links`,
  })
}
