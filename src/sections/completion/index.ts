import { aliasOf } from '../../block/alias.ts'
import { nodeOf } from '../../block/wait.ts'
import type { Section, SectionContext } from '../../section.ts'
import type { Config } from '../../spec/config.ts'
import { quote } from '../../system/quote.ts'
import { copyDirectory, hasCopy, removeCopy } from '../accounts/copy.ts'
import { claimOf, clearMark, isMarked } from '../luks/mark.ts'

/** What is left to do when nothing can fail any more. */
type CompletionStep =
  | {
      readonly kind: 'finishVolume'
      readonly name: string
      readonly device: string
      readonly label: string | undefined
    }
  | { readonly kind: 'removeCopy'; readonly directory: string }

/**
 * Takes away what a run after a power cut would have needed: the marks of LUKS volumes whose keys are in the new root
 * now, and the copy of the account files. Only when the stage `files` has passed: the last stage runs in any case. Volumes
 * that the journal knows go first, with that stage itself.
 */
export const completion: Section<readonly CompletionStep[], CompletionStep> = {
  name: 'completion',
  wanted: ({ config, mode, earlier }) =>
    mode === 'boot' && earlier.over !== 'nothing' && (config.storage.luks.length > 0 || hasAccounts(config)),
  observe,
  plan: (_config, steps) => steps,
  describe: (step) =>
    step.kind === 'finishVolume'
      ? `marking luks volume ${quote(step.name)} as finished`
      : `removing the copy of the account files, ${quote(step.directory)}`,
  async apply({ system }, step) {
    if (step.kind === 'finishVolume') await clearMark(system, step.device, step.label)
    else removeCopy(system.files, step.directory)
  },
}

const hasAccounts = ({ passwd }: Config) => passwd.users.length > 0 || passwd.groups.length > 0

function observe({ config, system, sysroot, earlier }: SectionContext): readonly CompletionStep[] {
  const { files } = system
  const isLast = earlier.over === 'everything'
  const directory = sysroot.resolve(copyDirectory)
  const volumes = config.storage.luks.flatMap(({ name, device = '', label }): CompletionStep[] => {
    const alias = aliasOf(device)
    const path = files.lstat(alias) ? alias : device
    if (files.stat(path)?.type !== 'block') return []
    const node = nodeOf(files, path)
    const isKnown = earlier.look(claimOf(files, name, node)).kind === 'begun'
    return (isLast || isKnown) && isMarked(files, node)
      ? [{ kind: 'finishVolume', name, device: path, label }]
      : []
  })
  const copy: CompletionStep[] =
    isLast && hasCopy(files, directory) ? [{ kind: 'removeCopy', directory }] : []
  return [...volumes, ...copy]
}
