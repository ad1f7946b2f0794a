import { IgnitionError } from '../errors.ts'
import { inResource } from '../resources/in-resource.ts'
import { showUrl } from '../resources/show-url.ts'
import type { SectionContext } from '../section.ts'
import { sideBySide } from '../side-by-side.ts'
import { type Content, contentsOf } from './contents.ts'
import type { ProvenContent } from './record.ts'
import { showSize } from './size.ts'
import { openStagingArea, type StagingArea } from './staging-area.ts'
import type { ProofSwitches } from './switches.ts'

/**
 * Brings in all contents of the config, side by side: those from afar into the staging area, those in the config itself
 * only to see that they are right. What does not fit is begun, so that its server is known to have it, and left for
 * later. Throws what is wrong with the first that cannot be had.
 */
export async function stageContents(
  context: SectionContext,
  { stagingLimitBytes, stagingFull }: ProofSwitches,
): Promise<readonly ProvenContent[]> {
  const { system, config } = context
  const contents = contentsOf(config)
  const remote = contents.filter(({ isRemote }) => isRemote)
  for (const { resource } of contents.filter(isCheckable))
    await inResource(resource, () => context.fetch.toSink(resource, () => undefined))
  if (remote.length === 0) return []
  const area = openStagingArea(system, stagingLimitBytes)
  const limit = showSize(area.limitBytes)
  const proven: ProvenContent[] = []
  const what = `fetching ${remote.length} contents of the config before anything is changed, ${limit} at most`
  await system.operation(what, async (inner) =>
    sideBySide(remote, async (content, signal) => {
      const found = await inResource(content.resource, () =>
        stage({ ...context, system: inner }, { content, area, signal }),
      )
      if (found.status === 'unproven' && stagingFull === 'fail') throw tooLarge(content, limit)
      if (found.status === 'unproven')
        inner.log(
          'notice',
          `unproven: ${found.source} does not fit into what may be staged (${limit}); it is fetched when it is wanted`,
        )
      proven.push(found)
    }),
  )
  return proven
}

/** Contents of the config itself whose hash or compression may be wrong. */
const isCheckable = ({ isRemote, resource }: Content) =>
  !isRemote && Boolean(resource.compression || resource.verification?.hash)

interface Staging {
  readonly content: Content
  readonly area: StagingArea
  readonly signal: AbortSignal
}

async function stage(
  { system, fetch }: SectionContext,
  { content: { key, resource, about }, area, signal }: Staging,
): Promise<ProvenContent> {
  const source = showUrl(resource.source ?? '')
  return system.operation(`staging ${source}`, async (inner) => {
    const scoped = fetch.scoped(inner, signal)
    const taken = await area.take(key, async (sink) => scoped.toSink(resource, sink))
    return taken.kind === 'staged'
      ? { about, source, status: 'staged', sizeBytes: taken.sizeBytes }
      : { about, source, status: 'unproven' }
  })
}

const tooLarge = ({ resource }: Content, limit: string) =>
  new IgnitionError({
    code: 'FL_STAGING_FULL',
    message:
      `${showUrl(resource.source ?? '')} does not fit into what may be staged (${limit}), ` +
      'and firstlight.staging_full=fail is on the kernel command line; nothing was changed',
  })
