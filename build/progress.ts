import { styleText } from 'node:util'
import type { UnitReport } from '../test/boot/machine/report.ts'

/** The units of a first boot, in order, with the words for a person who watches. */
const stages: readonly (readonly [unit: string, words: string])[] = [
  ['ignition-fetch-offline.service', 'fetch-offline  find the config without network'],
  ['machine-network.service', 'network        bring it up because the config asks for it'],
  ['ignition-fetch.service', 'fetch          fetch the config'],
  ['ignition-kargs.service', 'kargs          kernel arguments'],
  ['ignition-disks.service', 'disks          partitions, RAID, encryption, filesystems'],
  ['ignition-mount.service', 'mount          mount the filesystems'],
  ['ignition-files.service', 'files          users, files, units'],
  ['firstlight-first-boot-complete.service', 'complete       remove the first-boot flag'],
]

/** What a line of the console means to a person who watches; undefined: nothing new. */
export function eventOf(line: string): string | undefined {
  const stage = stages.find(([unit]) => line.includes(unit))
  if (stage !== undefined) {
    const [, words] = stage
    if (/^\s+Starting /.test(line)) return `${words} ...`
    if (line.includes('OK') && line.includes('Finished ')) return `${words} ${styleText('green', 'done')}`
    if (line.includes('FAILED')) return `${words} ${styleText('red', 'failed')}`
    return undefined
  }
  if (line.includes('Reached target basic.target')) return undefined
  if (/Starting initrd-switch-root\.service/.test(line)) return 'switching to the real root'
  if (/Reached target multi-user\.target/.test(line)) return 'the real root is up'
  return undefined
}

/** Seconds that each stage took, in order; stages that did not run are left out. */
export function stageSeconds(units: ReadonlyMap<string, UnitReport>): { stage: string; seconds: number }[] {
  return stages.flatMap(([unit, words]) => {
    const { startingAt, startedAt, failedAt } = units.get(unit) ?? {}
    const end = startedAt ?? failedAt
    // A unit whose condition was not met is started without ever starting.
    if (startingAt === undefined || end === undefined) return []
    return [{ stage: words.split(' ')[0] ?? unit, seconds: end - startingAt }]
  })
}
