import { IgnitionError } from '../errors.ts'
import { inResource } from '../resources/in-resource.ts'
import { showSize } from '../resources/show-size.ts'
import { showUrl } from '../resources/show-url.ts'
import { sourceOf } from '../resources/source-of.ts'
import type { SectionContext } from '../section.ts'
import { sideBySide } from '../side-by-side.ts'
import type { Content } from './contents.ts'
import type { ProvenContent } from './record.ts'
import { openStagingArea, type StagingArea } from './staging-area.ts'
import type { ProofSwitches } from './switches.ts'

/**
 * Brings contents in: those from afar into the staging area, those in the config itself only to see that they are
 * right. Returns how those from afar fared.
 */
export type Staging = (contents: readonly Content[]) => Promise<readonly ProvenContent[]>

/**
 * Contents are fetched side by side. What does not fit is begun, so that its server is known to have it, and left for
 * later. Throws what is wrong with the first that cannot be had.
 */
export function createStaging(context: SectionContext, switches: ProofSwitches): Staging {
  let opened: StagingArea | undefined
  return async (contents) => {
    for (const { resource } of contents.filter(isCheckable))
      await inResource(resource, async () => context.fetch.toSink(resource, () => undefined))
    const remote = contents.flatMap(({ key, ...content }) => (key === undefined ? [] : [{ ...content, key }]))
    if (remote.length === 0) return []
    opened ??= openStagingArea(context.system, switches.stagingLimitBytes)
    return stageAll(context, { area: opened, switches, remote })
  }
}

/** Contents of the config itself whose hash or compression may be wrong. */
const isCheckable = ({ key, resource }: Content) =>
  key === undefined && Boolean(resource.compression || resource.verification?.hash)

type RemoteContent = Content & { readonly key: string }

interface Batch {
  readonly area: StagingArea
  readonly switches: ProofSwitches
  readonly remote: readonly RemoteContent[]
}

function stageAll(
  context: SectionContext,
  { area, switches, remote }: Batch,
): Promise<readonly ProvenContent[]> {
  const limit = showSize(area.limitBytes)
  const what = `fetching ${remote.length} contents of the config before anything is changed, ${limit} at most`
  return context.system.operation(what, async (system) => {
    const proven: ProvenContent[] = []
    await sideBySide(remote, async (content, signal) => {
      const found = await inResource(content.resource, async () =>
        stage({ ...context, system }, { content, area, signal }),
      )
      proven.push(found)
      if (found.status === 'staged') return
      if (switches.stagingFull === 'fail') throw tooLarge(content, limit)
      system.log(
        'notice',
        `unproven: ${found.source} does not fit into what may be staged (${limit}); it is fetched when it is wanted`,
      )
    })
    return proven
  })
}

interface Arrival {
  readonly content: RemoteContent
  readonly area: StagingArea
  readonly signal: AbortSignal
}

async function stage(
  { system, fetch }: SectionContext,
  { content: { key, resource, about }, area, signal }: Arrival,
): Promise<ProvenContent> {
  const source = showUrl(sourceOf(resource))
  return system.operation(`staging ${source}`, async (inner) => {
    const scoped = fetch.scoped(inner, signal)
    const taken = await area.take(key, async (sink) => scoped.toSink(resource, sink))
    return taken.kind === 'staged'
      ? { about, source, status: 'staged', sizeBytes: taken.sizeBytes }
      : { about, source, status: 'unproven' }
  })
}

const tooLarge = ({ resource }: RemoteContent, limit: string) =>
  new IgnitionError({
    code: 'FL_STAGING_FULL',
    message:
      `${showUrl(sourceOf(resource))} does not fit into what may be staged (${limit}), ` +
      'and firstlight.staging_full=fail is on the kernel command line; nothing was changed',
  })
