import type { System } from './system/system.ts'

const prefix = 'firstlight.'

/**
 * What the kernel command line says about Firstlight itself: `firstlight.NAME=VALUE` by its name. The last of several
 * counts, and quotes have no meaning. A command line that cannot be read says nothing.
 */
export function firstlightArguments(system: System): ReadonlyMap<string, string> {
  const words = readWords(system).filter((word) => word.startsWith(prefix))
  return new Map(
    words.map((word) => {
      const equals = word.indexOf('=')
      return equals < 0
        ? [word.slice(prefix.length), '']
        : [word.slice(prefix.length, equals), word.slice(equals + 1)]
    }),
  )
}

function readWords(system: System): readonly string[] {
  const path = system.environment('IGNITION_KERNEL_CMDLINE_PATH') ?? '/proc/cmdline'
  return system.files.stat(path)?.type === 'file' ? system.files.readText(path).split(/\s+/) : []
}
