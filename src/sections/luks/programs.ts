import type { ProgramName } from '../../system/programs.ts'
import { clevisPrograms } from './clevis.ts'
import type { ConfigLuks } from './plan.ts'

/** What it takes to make or open volumes. */
export const luksPrograms = (volumes: readonly ConfigLuks[]): readonly ProgramName[] => [
  'wipefs',
  'cryptsetup',
  ...volumes.flatMap(specialPrograms),
]

function specialPrograms(volume: ConfigLuks): readonly ProgramName[] {
  const secure = volume.cex.enabled === true ? (['zkey', 'zkey-cryptsetup'] as const) : []
  return [...clevisPrograms(volume), ...secure]
}
