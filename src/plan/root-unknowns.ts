import { entriesOf } from '../sections/files/entry.ts'
import { mountablesOf } from '../sections/mounts/plan.ts'
import type { Config } from '../spec/config.ts'
import { deviceAt, type Model } from './model.ts'
import type { MachinePlan } from './shape-of-plan.ts'

interface Sight {
  readonly before: Model
  readonly after: Model
  readonly root: MachinePlan['root']
}

type Unknowns = MachinePlan['unknowns']

const newRoot = 'the new root'

/** What a plan cannot know of the new root, because it cannot see it or what will be mounted in it. */
export const rootUnknowns = (config: Config, sight: Sight): Unknowns => [
  ...unseenFiles(config, sight),
  ...unseenAccounts(config, sight),
  ...keptFilesystems(config, sight),
]

function unseenFiles({ storage, systemd }: Config, { root }: Sight): Unknowns {
  if (root === 'seen' || entriesOf(storage).length + systemd.units.length === 0) return []
  const reason = 'its files cannot be seen (--root DIR shows them)'
  return [{ section: 'files', subject: newRoot, reason, taken: 'taken for empty' }]
}

function unseenAccounts({ storage, passwd }: Config, { root }: Sight): Unknowns {
  if (root !== 'unseen') return []
  const made = new Set([...passwd.users, ...passwd.groups].map(({ name }) => name))
  const owners = entriesOf(storage).flatMap(({ node: { user, group } }) =>
    [user, group].flatMap(({ id, name }) => (id === undefined && name ? [name] : [])),
  )
  const unsure = [...new Set(owners)].filter((name) => !made.has(name))
  return [
    ...(made.size === 0
      ? []
      : [
          {
            section: 'passwd',
            subject: newRoot,
            reason: 'its accounts cannot be seen',
            taken: 'taken for new',
          },
        ]),
    ...unsure.map((name) => ({
      section: 'files',
      subject: name,
      reason: 'whether the new root has the account cannot be seen',
      taken: 'taken for there',
    })),
  ]
}

function keptFilesystems(config: Config, { before, after, root }: Sight): Unknowns {
  if (root !== 'seen') return []
  return mountablesOf(config).flatMap(({ path, device }) => {
    const found = deviceAt(after, device)
    if (!found || deviceAt(before, device)?.signatures !== found.signatures) return []
    const reason = `the filesystem on ${JSON.stringify(device)} is kept, and not mounted while planning`
    return [{ section: 'files', subject: path, reason, taken: 'taken for empty' }]
  })
}
