import { IgnitionError } from '../errors.ts'
import { placeOf, type Sourced } from '../spec/origin.ts'
import { namingPath, type Place, pathOfSubject } from '../spec/place.ts'
import type { ConfigPath } from '../spec/report.ts'
import { excerptOf } from './excerpt.ts'

/**
 * Does work with a config: an error that is about a part of it gets the place where that part stands in what the user
 * has written. `about` is what the work as a whole is for.
 */
export async function inText<T>(
  sourced: Sourced,
  about: ConfigPath | undefined,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof IgnitionError && error.place === undefined) {
      error.about ??= about
      const path = error.about && pathOfSubject(sourced.config, error.about)
      if (path) {
        error.about = path
        error.place = showPlace(sourced, path)
      }
    }
    throw error
  }
}

/** Where a part of a config stands, and what stands there, as far as that can be shown. */
export function showPlace(sourced: Sourced, path: ConfigPath): Place | undefined {
  const place = placeOf(sourced, path)
  if (place === undefined) return undefined
  const named = namingPath(sourced.config, path)
  const own = named.length === path.length ? place.path : [...place.path, ...named.slice(path.length)]
  const text = excerptOf(sourced.config, named, { ...place, path: own })
  return text === undefined ? place : { ...place, text }
}
