import { configDigest } from '../digest.ts'
import { IgnitionError } from '../errors.ts'
import { checkPlanHash } from '../plan/check-plan-hash.ts'
import { showSize } from '../resources/show-size.ts'
import { runFile } from '../run-files.ts'
import type { SectionContext } from '../section.ts'
import { fileFailure } from '../sections/failure.ts'
import { quote } from '../system/quote.ts'
import { check } from './checks.ts'
import { contentsOf } from './contents.ts'
import { objections } from './objections.ts'
import { probe } from './probe.ts'
import { type ProofRecord, readRecord, writeRecord } from './record.ts'
import { createStaging } from './stage-contents.ts'
import { withStaged } from './staged-fetch.ts'
import { clearStaged } from './staging-area.ts'
import { type ProofSwitches, proofSwitches } from './switches.ts'

/** Id of "all is proven, changes begin": watchers of a boot wait for it. */
const commitMessageId = '7dcda4c0632345ad9506dae21f6c0be9'

/**
 * Finds out all that can be found out before the first change of a boot: nothing is destroyed for a config that cannot
 * be carried out. Once in a boot for each rendered config. Throws what is wrong; then nothing was changed.
 */
export async function prove(context: SectionContext): Promise<void> {
  const system = context.system.scoped('proof')
  const switches = proofSwitches(system)
  if (!switches.isOn) {
    system.log('notice', 'firstlight.proof=off: what is wrong is found when its turn comes')
    // a plan that was reviewed is another matter
    return checkPlanHash({ ...context, system })
  }
  const digest = configDigest(context.config)
  if (readRecord(system)?.config === digest)
    return system.log('info', 'this config was proven earlier in this boot')
  clearStaged(system)
  try {
    const scoped = { ...context, system, fetch: context.fetch.scoped(system) }
    commit(scoped, { version: 1, config: digest, ...(await findOut(scoped, switches)) })
  } catch (cause) {
    clearStaged(system)
    if (cause instanceof IgnitionError) cause.isBeforeChange = true
    throw cause
  }
}

/** What is quick comes first; keys come before the look at the volumes that they may open. */
async function findOut(
  context: SectionContext,
  switches: ProofSwitches,
): Promise<Pick<ProofRecord, 'contents' | 'unknown'>> {
  const checked = await check(context)
  const bring = createStaging(context, switches)
  const all = contentsOf(context.config)
  const isKey = ({ about }: { readonly about: ProofRecord['contents'][number]['about'] }) =>
    about[1] === 'luks'
  const keys = await bring(all.filter(isKey))
  const probed = await probe({ ...context, fetch: withStaged(context, 'look') })
  const others = await bring(all.filter((content) => !isKey(content)))
  for (const object of objections) await object(context)
  return { contents: [...keys, ...others], unknown: [...checked, ...probed] }
}

function commit({ system }: SectionContext, record: ProofRecord): void {
  const { contents, unknown } = record
  for (const { message } of unknown) system.log('info', `unknown until then: ${message}`)
  try {
    writeRecord(system, record)
  } catch (cause) {
    const path = runFile(system, 'proof')
    throw fileFailure({ files: system.files, action: `write ${quote(path)}`, path, cause })
  }
  const staged = contents.flatMap((content) => (content.status === 'staged' ? [content.sizeBytes] : []))
  const bytes = staged.reduce((sum, one) => sum + one, 0)
  const unproven = contents.length - staged.length
  const message =
    `commit point: everything that can be known is proven, ` +
    `${staged.length} ${staged.length === 1 ? 'resource' : 'resources'} staged ` +
    `(${showSize(bytes)}), ${unknown.length + unproven} unknown`
  system.log('notice', message)
  system.journal({
    MESSAGE: message,
    PRIORITY: '5',
    MESSAGE_ID: commitMessageId,
    FIRSTLIGHT_CONFIG: record.config,
    FIRSTLIGHT_STAGED: String(staged.length),
    FIRSTLIGHT_STAGED_BYTES: String(bytes),
    FIRSTLIGHT_UNPROVEN: String(unproven),
    FIRSTLIGHT_UNKNOWN: String(unknown.length),
  })
}
