import { IgnitionError } from '../errors.ts'
import type { SectionContext } from '../section.ts'
import { entriesOf } from '../sections/files/entry.ts'
import { files } from '../sections/files/index.ts'
import { observeEntries } from '../sections/files/observe.ts'
import { planEntries } from '../sections/files/plan.ts'
import { crypttabPath } from '../sections/luks-keys/observe.ts'
import { keyFilePath, type LuksKeysFacts, planLuksKeys } from '../sections/luks-keys/plan.ts'
import { obstacleOn, targetOf } from '../sections/mounts/observe.ts'
import { type MountFacts, mountablesOf, planMounts } from '../sections/mounts/plan.ts'
import { passwd } from '../sections/passwd/index.ts'
import { observePasswd } from '../sections/passwd/observe.ts'
import { planPasswd } from '../sections/passwd/plan.ts'
import { fileContextsOf } from '../sections/relabel/observe.ts'
import { resultPath } from '../sections/result/observe.ts'
import { units } from '../sections/units/index.ts'
import { observeUnits } from '../sections/units/observe.ts'
import { planUnits } from '../sections/units/plan.ts'
import type { Sysroot } from '../system/system.ts'
import { deviceAt, type Model } from './model.ts'
import { accountEffects, entryEffects, keyEffects, unitEffects } from './root-effects.ts'
import type { Effect, Problem } from './shape-of-plan.ts'

/** The new root as a plan sees it. */
export interface RootLook {
  /** With the accounts as they will be. */
  readonly context: SectionContext
  /** The root with the accounts as they are. */
  readonly present: Sysroot
  /** The devices as they will be. */
  readonly model: Model
  /** The devices as they are. */
  readonly before: Model
  /** What is mounted now: source and path. */
  readonly mounts: readonly { readonly path: string; readonly source: string }[]
}

type Words = Omit<Effect, 'section'>

/** Each looks at the root with the section's own `observe` and decides with its own `plan`. */
const looks: Readonly<Record<string, (look: RootLook) => Promise<readonly Words[]> | readonly Words[]>> = {
  mounts: mountEffects,
  passwd({ context, present }) {
    if (!passwd.wanted(context)) return []
    const facts = observePasswd({ ...context, sysroot: present })
    return accountEffects(context.config, facts, planPasswd(context.config, facts))
  },
  files({ context }) {
    if (!files.wanted(context)) return []
    const facts = observeEntries(context, entriesOf(context.config.storage))
    return entryEffects(facts, planEntries(facts))
  },
  async units({ context }) {
    if (!units.wanted(context)) return []
    const { config, sysroot, system } = context
    const isThere = (path: string) => system.files.lstat(sysroot.resolve(path)) !== undefined
    return unitEffects(config, planUnits(config, await observeUnits(context)), isThere)
  },
  'luks-keys': (look) =>
    look.context.mode === 'live' ? [] : keyEffects(planLuksKeys(look.context.config, keyFacts(look))),
  result({ context: { mode, sysroot, system } }) {
    if (mode === 'live') return []
    const isThere = system.files.lstat(sysroot.resolve(resultPath)) !== undefined
    return [{ effect: isThere ? 'change' : 'create', subject: resultPath, text: 'the report of the run' }]
  },
  relabel({ context }) {
    if (context.mode === 'live' || fileContextsOf(context) === undefined) return []
    return [{ effect: 'change', subject: '/etc/selinux', text: 'SELinux labels of all that was written' }]
  },
}

/** What the stages that work in the new root would do there. A problem ends its section only. */
export async function planRoot(look: RootLook): Promise<{
  readonly effects: readonly Effect[]
  readonly problems: readonly Problem[]
}> {
  const effects: Effect[] = []
  const problems: Problem[] = []
  for (const [section, lookAt] of Object.entries(looks)) {
    try {
      effects.push(...(await lookAt(look)).map((words) => ({ section, ...words })))
    } catch (error) {
      if (!(error instanceof IgnitionError)) throw error
      problems.push({ section, code: error.code, message: error.message })
    }
  }
  return { effects, problems }
}

function mountEffects({ context, model, mounts }: RootLook): readonly Words[] {
  const { config, root, system, mode } = context
  if (mode === 'live') return []
  const facts = new Map(
    mountablesOf(config).map(({ path, device }): [string, MountFacts] => {
      const target = targetOf(root, path)
      const found = mounts.findLast((mount) => mount.path === target)
      const mounted =
        found !== undefined && deviceAt(model, found.source)?.path === deviceAt(model, device)?.path
      return [path, { target, mounted, obstacle: obstacleOn(system.files, target), madeEarlier: [] }]
    }),
  )
  return planMounts(config, facts).map(({ device, path, format }) => ({
    effect: 'use',
    subject: path,
    text: `${format} on ${JSON.stringify(device)} is mounted at ${JSON.stringify(path)}`,
  }))
}

/** Stands for a UUID that is drawn when a volume is made. */
const drawnUuid = 'drawn-when-made'

function keyFacts({ context: { config, sysroot, system }, model, before }: RootLook): LuksKeysFacts {
  const volumes = config.storage.luks.map(({ name, device = '' }) => {
    const isThere = system.files.lstat(sysroot.resolve(keyFilePath(name))) !== undefined
    const [was, will] = [deviceAt(before, device)?.luks, deviceAt(model, device)?.luks]
    const isMade = was !== will
    const key = isThere ? (isMade ? ('other' as const) : ('inPlace' as const)) : ('kept' as const)
    return [name, { uuid: will?.uuid || drawnUuid, key }] as const
  })
  const table = sysroot.resolve(crypttabPath)
  const text = system.files.lstat(table)?.type === 'file' ? system.files.readText(table) : ''
  return { volumes: new Map(volumes), lines: new Set(text.split('\n')), volumeKeyFiles: [] }
}
