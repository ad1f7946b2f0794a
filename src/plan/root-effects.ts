import { showUrl } from '../resources/show-url.ts'
import { sourceOf } from '../resources/source-of.ts'
import type { EntryFacts, FilesStep } from '../sections/files/decide.ts'
import { isRemote, nameOf } from '../sections/files/entry.ts'
import { keyFilePath, type LuksKeysStep } from '../sections/luks-keys/plan.ts'
import type { PasswdFacts, PasswdStep } from '../sections/passwd/plan.ts'
import { unitPath } from '../sections/units/paths.ts'
import type { UnitAction, UnitsStep } from '../sections/units/plan.ts'
import type { Config } from '../spec/config.ts'
import type { Effect } from './shape-of-plan.ts'

type Words = Omit<Effect, 'section'>

/** Directories, files and links. */
export function entryEffects(facts: readonly EntryFacts[], steps: readonly FilesStep[]): readonly Words[] {
  const stepOf = new Map(steps.map((step) => [step.entry, step]))
  return facts.flatMap(({ entry, existing }): readonly Words[] => {
    const step = stepOf.get(entry)
    const [subject, name] = [entry.node.path, nameOf(entry)]
    if (!step) return [{ effect: 'keep', subject, text: `${name}, which is as asked for` }]
    const cleared: readonly Words[] =
      step.clear && existing
        ? [{ effect: 'destroy', subject, text: `the ${existing.type} at ${JSON.stringify(subject)}` }]
        : []
    return [...cleared, entryEffect(step, existing !== undefined && !step.clear)]
  })
}

function entryEffect(step: FilesStep, isThere: boolean): Words {
  const [subject, name] = [step.entry.node.path, nameOf(step.entry)]
  switch (step.kind) {
    case 'makeDirectory':
      return { effect: 'create', subject, text: name }
    case 'writeFile':
      return {
        effect: isThere ? 'change' : 'create',
        subject,
        text: `${name}${isThere ? ', overwritten' : ''}${fromWhere(step)}`,
      }
    case 'appendToFile':
      return { effect: 'change', subject, text: `${name}, appended to${fromWhere(step)}` }
    case 'setAttributes':
      return { effect: 'change', subject, text: `owner and mode of ${name}` }
    case 'makeSymlink':
      return { effect: 'create', subject, text: `${name} to ${JSON.stringify(step.text)}` }
    case 'makeHardLink':
      return { effect: 'create', subject, text: `${name} to ${JSON.stringify(step.shared)}` }
  }
}

function fromWhere({ parts }: FilesStep & { kind: 'writeFile' | 'appendToFile' }): string {
  const remote = parts.filter(isRemote).map((part) => showUrl(sourceOf(part)))
  return remote.length === 0 ? '' : ` from ${remote.join(', ')}`
}

/** Accounts and their keys. Passwords are never part of the words. */
export function accountEffects(
  { passwd }: Config,
  facts: PasswdFacts,
  steps: readonly PasswdStep[],
): readonly Words[] {
  const isTouched = (what: 'group' | 'user', name: string) =>
    steps.some((step) =>
      step.kind === 'account'
        ? step.what === what && step.name === name
        : what === 'user' && step.user === name,
    )
  const keep = (what: 'group' | 'user', name: string): Words => ({
    effect: 'keep',
    subject: name,
    text: `${what} ${JSON.stringify(name)}`,
  })
  return [
    ...steps.map((step) => (step.kind === 'account' ? accountEffect(step) : keysEffect(step))),
    ...passwd.groups
      .filter(({ name }) => facts.groups.has(name) && !isTouched('group', name))
      .map(({ name }) => keep('group', name)),
    ...passwd.users
      .filter(({ name }) => facts.users.has(name) && !isTouched('user', name))
      .map(({ name }) => keep('user', name)),
  ]
}

function accountEffect({ what, program, name }: PasswdStep & { kind: 'account' }): Words {
  const text = `${what} ${JSON.stringify(name)}`
  if (program.endsWith('del'))
    return { effect: 'destroy', subject: name, text: what === 'user' ? `${text} with its home` : text }
  return { effect: program.endsWith('add') ? 'create' : 'change', subject: name, text }
}

function keysEffect(step: Exclude<PasswdStep, { kind: 'account' }>): Words {
  const user = JSON.stringify(step.user)
  const text =
    step.kind === 'ownHome'
      ? `owner of the mounted directories in the home of user ${user}`
      : `SSH keys of user ${user} (${step.keys.length})`
  return { effect: 'change', subject: step.user, text }
}

/** Unit files, masks and presets. */
export function unitEffects(
  { systemd }: Config,
  steps: readonly UnitsStep[],
  isThere: (path: string) => boolean,
): readonly Words[] {
  const changed = steps.flatMap((step): readonly Words[] =>
    step.kind === 'unit'
      ? step.actions.map((action) => actionEffect(action, isThere))
      : [
          {
            effect: 'change',
            subject: step.unit,
            text: `unit ${JSON.stringify(step.unit)} is ${step.kind}d by preset`,
          },
        ],
  )
  const kept = systemd.units.filter(
    ({ name }) => !steps.some((step) => (step.kind === 'unit' ? step.name : step.unit) === name),
  )
  return [
    ...changed,
    ...kept.map(
      ({ name }): Words => ({ effect: 'keep', subject: name, text: `unit ${JSON.stringify(name)}` }),
    ),
  ]
}

function actionEffect(action: UnitAction, isThere: (path: string) => boolean): Words {
  const subject = action.unit
  const unit = JSON.stringify(action.unit)
  switch (action.kind) {
    case 'writeDropin': {
      const there = isThere(`${unitPath(action.unit)}.d/${action.name}`)
      return {
        effect: there ? 'change' : 'create',
        subject,
        text: `drop-in ${JSON.stringify(action.name)} of unit ${unit}`,
      }
    }
    case 'writeUnit':
      return { effect: isThere(unitPath(action.unit)) ? 'change' : 'create', subject, text: `unit ${unit}` }
    case 'mask':
      return { effect: 'change', subject, text: `unit ${unit} is masked` }
    case 'unmask':
      return { effect: 'change', subject, text: `unit ${unit} is unmasked` }
  }
}

/** Key files and /etc/crypttab. */
export const keyEffects = (steps: readonly LuksKeysStep[]): readonly Words[] => steps.map(keyEffect)

function keyEffect(step: LuksKeysStep): Words {
  switch (step.kind) {
    case 'writeKey': {
      const text = `key file of LUKS volume ${JSON.stringify(step.volume)}`
      return { effect: 'create', subject: keyFilePath(step.volume), text }
    }
    case 'writeVolumeKey':
      return { effect: 'create', subject: step.file, text: `volume key file ${JSON.stringify(step.file)}` }
    case 'addLine':
    case 'replaceLine': {
      const text = `line of LUKS volume ${JSON.stringify(step.line.split(' ')[0])} in "/etc/crypttab"`
      return { effect: 'change', subject: '/etc/crypttab', text }
    }
  }
}
