import { digest } from '../digest.ts'
import { IgnitionError } from '../errors.ts'
import type { Config } from '../spec/config.ts'
import { serializeConfig } from '../spec/serialize.ts'
import type { Effect, MachinePlan } from './shape-of-plan.ts'

/** Parts of a plan, in the order in which a hash names them, and how one says that a part is another. */
const parts = {
  config: 'the config',
  disks: 'partition tables',
  volumes: 'RAID arrays and LUKS volumes',
  filesystems: 'filesystems',
  root: 'the new root',
} as const

type Part = keyof typeof parts

const partNames = Object.keys(parts) as readonly Part[]

const partOfSection: Readonly<Record<string, Part>> = {
  disks: 'disks',
  raid: 'volumes',
  luks: 'volumes',
  filesystems: 'filesystems',
}

const prefix = 'plan1'

/** Kernel arguments have no part: the boot after they were changed has another command line and the same plan. */
const partOf = (section: string): Part | undefined =>
  section === 'kernel-arguments' ? undefined : (partOfSection[section] ?? 'root')

const sha256 = (text: string) => digest('sha256', text)

/** Hexadecimal digits of a part: enough to say which one differs, while the whole digest says whether. */
const partDigits = 6

/** Stands for the digest of a root that could not be seen. */
const unseen = 'unseen'

/**
 * `plan1-DIGEST-PART-PART-…`: a digest of all that the plan would do, and short ones of its parts. Times, names that the
 * kernel gives to devices and what is not known have no part in it; nor has the root, unless it could be seen.
 */
export function hashPlan(plan: Omit<MachinePlan, 'hash'>, config: Config): string {
  const texts = new Map(partNames.map((part) => [part, textOf(part, plan, config)]))
  const short = partNames.map((part) => {
    const text = texts.get(part)
    return text === undefined ? unseen : sha256(text).slice(0, partDigits)
  })
  const whole = sha256(JSON.stringify(partNames.map((part) => texts.get(part) ?? unseen)))
  return [prefix, whole, ...short].join('-')
}

function textOf(part: Part, plan: Omit<MachinePlan, 'hash'>, config: Config): string | undefined {
  if (part === 'config') return serializeConfig(config)
  if (part === 'root' && plan.root !== 'seen') return undefined
  const isOf = ({ section }: { readonly section: string }) => partOf(section) === part
  const effects = plan.effects.filter(isOf).map(({ effect, subject, text }) => [effect, subject, text])
  const problems = plan.problems.filter(isOf).map(({ code }) => code)
  return JSON.stringify([effects, problems, part === 'disks' ? plan.disks.map(tableOf) : []])
}

const tableOf = ({ device, sizeBytes, after }: MachinePlan['disks'][number]) => [
  device,
  sizeBytes,
  after.map(({ kind, number, label, typeGuid, start, size }) => [kind, number, label, typeGuid, start, size]),
]

/** Throws `FL_PLAN_CHANGED` unless a plan is the one that was reviewed, and says in which parts it is not. */
export function requirePlan(reviewed: string, plan: MachinePlan, config: Config): void {
  if (!isPlanHash(reviewed))
    throw new IgnitionError({
      code: 'FL_PLAN_CHANGED',
      message: `${JSON.stringify(reviewed)} is no hash of a plan; nothing was changed`,
    })
  const difference = differenceFrom(reviewed, plan, config)
  if (difference === undefined) return
  throw new IgnitionError({
    code: 'FL_PLAN_CHANGED',
    message: `this is not the plan that was reviewed; nothing was changed. Different: ${difference}`,
  })
}

/** Whether a word is a hash of this kind. */
const isPlanHash = (word: string): boolean =>
  new RegExp(`^${prefix}-[0-9a-f]{64}(-([0-9a-f]{${partDigits}}|${unseen})){${partNames.length}}$`).test(word)

/**
 * In which parts a plan is another than the one with the given hash, in words; undefined when it is the same. A hash of
 * a plan that could not see the root says nothing of it.
 */
function differenceFrom(reviewed: string, plan: MachinePlan, config: Config): string | undefined {
  const asReviewed = reviewed.endsWith(`-${unseen}`)
    ? hashPlan({ ...plan, root: 'unseen' }, config)
    : plan.hash
  if (asReviewed === reviewed) return undefined
  const [theirs, ours] = [reviewed, asReviewed].map((hash) => hash.split('-').slice(2))
  const differing = partNames.filter((_, index) => theirs?.[index] !== ours?.[index])
  if (differing.length === 0) return 'its hash'
  return differing.map((part) => `${parts[part]}${nowDoing(part, plan.effects)}`).join('; ')
}

/** How many effects a message names. */
const mostNamed = 3

function nowDoing(part: Part, effects: readonly Effect[]): string {
  if (part === 'config') return ''
  const now = effects.filter(({ section, effect }) => partOf(section) === part && effect !== 'keep')
  if (now.length === 0) return ' (now nothing is done there)'
  const named = now.slice(0, mostNamed).map(({ effect, text }) => `${effect} ${text}`)
  const more = now.length > mostNamed ? `, and ${now.length - mostNamed} more` : ''
  return ` (now: ${named.join(', ')}${more})`
}
