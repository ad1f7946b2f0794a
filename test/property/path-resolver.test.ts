import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { IgnitionError } from '../../src/errors.ts'
import { createPathResolver } from '../../src/system/path-resolver.ts'
import { kernelPath } from '../helpers/kernel-path.ts'
import { realSystem } from '../helpers/real-system.ts'

const name = fc.constantFrom('a', 'b', 'c')
const cleanPath = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => `/${names.join('/')}`)
const linkText = fc
  .tuple(
    fc.constantFrom('', '/', '//'),
    fc.array(fc.constantFrom('a', 'b', 'c', '.', '..'), { minLength: 1, maxLength: 4 }),
  )
  .map(([start, names]) => start + names.join('/'))
const node = fc.record({ path: cleanPath, link: fc.option(linkText, { freq: 2 }) })

const { files } = realSystem().system

/** A root with directories and links; a node that cannot be is left out. */
function plant(nodes: readonly { readonly path: string; readonly link: string | null }[]): string {
  const scratch = mkdtempSync(join(tmpdir(), 'firstlight-paths-'))
  const root = join(scratch, 'root')
  mkdirSync(root)
  const directories = new Set([root])
  for (const { path, link } of nodes) {
    const place = join(root, path)
    // Only real directories are gone through, so that planting itself stays in the root.
    if (!directories.has(dirname(place)) || files.lstat(place)) continue
    if (link !== null) symlinkSync(link, place)
    else {
      mkdirSync(place)
      directories.add(place)
    }
  }
  return root
}

function ours(root: string, path: string): string {
  try {
    return createPathResolver(files, root).follow(path)
  } catch (error) {
    if (error instanceof IgnitionError && error.code === 'FL_PATH_ESCAPES') return 'ELOOP'
    throw error
  }
}

test('paths lead where the kernel gets to when it may not leave the root', () => {
  const seen = { reached: 0, circles: 0, missing: 0 }
  fc.assert(
    fc.property(
      fc.array(node, { minLength: 4, maxLength: 25 }),
      fc.array(cleanPath, { minLength: 20, maxLength: 20 }),
      (nodes, paths) => {
        const root = plant(nodes)
        try {
          for (const path of paths) {
            const kernel = kernelPath(root, path)
            const mine = ours(root, path)
            if (kernel === 'ELOOP') seen.circles += 1
            else if (kernel === 'ENOENT') seen.missing += 1
            else seen.reached += 1
            // Where something is missing the kernel stops; ours goes on by the letters, but never out of the root.
            if (kernel !== 'ENOENT') expect(mine).toBe(kernel)
            else if (mine !== 'ELOOP') expect(mine === root || mine.startsWith(`${root}/`)).toBe(true)
          }
        } finally {
          rmSync(dirname(root), { recursive: true })
        }
      },
    ),
    { numRuns: 300 },
  )
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(20)
})
