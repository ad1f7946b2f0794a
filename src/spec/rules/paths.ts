import type { RuleId } from './catalogue.ts'
import type { Add } from './check.ts'

/** Which rule a path breaks; undefined when none. */
function findPathFault(path: string): RuleId | undefined {
  if (path === '') return 'PATH-EMPTY'
  if (!path.startsWith('/')) return 'PATH-RELATIVE'
  return path === '/' || !/\/(\.{0,2}(\/|$))/.test(path) ? undefined : 'PATH-UNCLEAN'
}

/** Reports a path that is not absolute and in its simplest form. */
export function lookAtPath(path: string, add: Add, at: readonly string[]): void {
  const rule = findPathFault(path)
  if (rule !== undefined) add(rule, at)
}

/** A path in its simplest form, `..` above the root dropped; `.` when nothing is left. */
export function cleanPath(path: string): string {
  const absolute = path.startsWith('/')
  const kept: string[] = []
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue
    if (part !== '..') kept.push(part)
    else if (kept.length > 0 && kept.at(-1) !== '..') kept.pop()
    else if (!absolute) kept.push('..')
  }
  const text = kept.join('/')
  if (absolute) return `/${text}`
  return text === '' ? '.' : text
}
