import type { SectionContext } from './section.ts'
import { createSysroot } from './system/sysroot.ts'
import type { System } from './system/system.ts'

/** The new root as sections want it: without a trailing slash, empty for `/`. */
export function openRoot(system: System, given: string): Pick<SectionContext, 'root' | 'sysroot'> {
  const root = given.replace(/\/+$/, '')
  return { root, sysroot: createSysroot(system.files, root) }
}
