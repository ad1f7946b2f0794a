import { IgnitionError } from '../errors.ts'
import { entriesOf, nameOf } from '../sections/files/entry.ts'
import type { Config } from '../spec/config.ts'

/**
 * Throws `FL_FILE` for a node below a file of the config, whatever the new root holds. A file that may replace a link is
 * left to the stage that sees where the link leads.
 */
export function checkPaths({ storage }: Config): void {
  const entries = entriesOf(storage)
  const files = new Map(
    entries.flatMap((entry) =>
      entry.kind === 'file' && entry.node.overwrite !== true ? [[entry.node.path, entry]] : [],
    ),
  )
  for (const entry of entries) {
    const { path } = entry.node
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
      const file = files.get(path.slice(0, end))
      if (file)
        throw new IgnitionError({
          code: 'FL_FILE',
          message: `${nameOf(entry)} of the config cannot be below ${nameOf(file)}; nothing was changed`,
        })
    }
  }
}
