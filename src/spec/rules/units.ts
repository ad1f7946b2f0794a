import { isSet, type Secret } from '../../secret.ts'
import type { Config, ConfigDropin, ConfigUnit } from '../config.ts'
import { readUnitFile, type UnitFile } from '../unit-file.ts'
import { type Add, type Check, check } from './check.ts'

const suffixes = [
  '.service',
  '.socket',
  '.device',
  '.mount',
  '.automount',
  '.swap',
  '.target',
  '.path',
  '.timer',
  '.snapshot',
  '.slice',
  '.scope',
]

/** From the last dot of the last part of a path; empty when there is none. */
function suffixOf(name: string): string {
  const last = name.slice(name.lastIndexOf('/') + 1)
  const dot = last.lastIndexOf('.')
  return dot < 0 ? '' : last.slice(dot)
}

const lacksInstall = (file: UnitFile): boolean => file.kind === 'unit' && !file.sections.has('Install')

/** An instance is enabled through the Install section of its template. */
function lookAtInstances({ units }: Config['systemd'], add: Add): void {
  const byName = new Map(units.map((unit) => [unit.name, unit]))
  for (const [index, { name, enabled }] of units.entries()) {
    const template = enabled === true ? templateOf(name) : undefined
    if (template === undefined) continue
    const contents = byName.get(template)?.contents
    if (!isSet(contents) || !lacksInstall(readUnitFile(contents.reveal()))) continue
    add('UNIT-TEMPLATE-NO-INSTALL', ['units', index, 'contents'], `${name}, template ${template}`)
  }
}

/** `a@b.service` → `a@.service`; undefined for a unit that is no instance of a service. */
function templateOf(name: string): string | undefined {
  const at = name.indexOf('@', 1)
  const isInstance = at > 0 && name.endsWith('.service') && at + 1 < name.length - '.service'.length
  return isInstance && !name.includes('\n') ? `${name.slice(0, at)}@.service` : undefined
}

function lookAtUnit({ name, enabled, contents }: ConfigUnit, add: Add): void {
  if (!suffixes.includes(suffixOf(name))) add('UNIT-EXT', ['name'])
  if (!isSet(contents)) return
  const file = lookAtContents(contents, add)
  if (enabled === true && lacksInstall(file)) add('UNIT-NO-INSTALL', ['contents'], name)
}

function lookAtContents(contents: Secret, add: Add): UnitFile {
  const file = readUnitFile(contents.reveal())
  if (file.kind === 'fault') add(file.rule, ['contents'], `line ${file.line}`)
  return file
}

function lookAtDropin({ name, contents }: ConfigDropin, add: Add): void {
  if (isSet(contents)) lookAtContents(contents, add)
  if (suffixOf(name) !== '.conf') add('DROPIN-EXT', ['name'])
}

export const unitChecks: readonly Check[] = [
  check('systemd', lookAtInstances),
  check('systemd.units[]', lookAtUnit),
  check('systemd.units[].dropins[]', lookAtDropin),
]
