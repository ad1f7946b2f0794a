import { drawDisk, type Paint } from './draw-ascii.ts'
import type { Effect, MachinePlan, Segment } from './shape-of-plan.ts'
import { shown } from './words.ts'

const codes = { red: 31, green: 32, yellow: 33, cyan: 36, bold: 1, dim: 2 } as const

type Style = keyof typeof codes

type Styled = (style: Style | undefined, text: string) => string

const styled =
  (color: boolean): Styled =>
  (style, text) =>
    color && style ? `\u001B[${codes[style]}m${shown(text)}\u001B[0m` : shown(text)

const kinds = {
  destroy: { title: 'destroyed', mark: '-', style: 'red' },
  create: { title: 'created', mark: '+', style: 'green' },
  change: { title: 'changed', mark: '~', style: 'yellow' },
  use: { title: 'mounted or opened', mark: '>', style: 'cyan' },
  keep: { title: 'kept', mark: '=', style: 'dim' },
} as const satisfies Record<Effect['effect'], { title: string; mark: string; style: Style }>

const ofMark: Readonly<Record<string, Style | undefined>> = {
  made: 'green',
  gone: 'red',
  changed: 'yellow',
  free: 'dim',
}

/** A plan as text for a person: pictures of the disks, then what happens, what is fetched and what is not known. */
export function sayPlan(plan: MachinePlan, color: boolean): string {
  const style = styled(color)
  const paint: Paint = (mark: Segment['mark'] | Segment['kind'], text) => style(ofMark[mark], text)
  const blocks = [
    ...plan.disks.map((disk) => drawDisk(disk, paint)),
    ...(Object.keys(kinds) as (keyof typeof kinds)[]).map((kind) => sayEffects(plan, kind, style)),
    block(
      'Fetched',
      plan.resources.map(({ url, wantedBy, hash }) =>
        style(undefined, `  ${url} for ${wantedBy}${hash ? ', verified by its hash' : ''}`),
      ),
      style,
    ),
    block(
      'Not known before the run',
      plan.unknowns.map(({ subject, reason, taken }) =>
        style(undefined, `  ? ${subject}: ${reason}; ${taken}`),
      ),
      style,
    ),
    block(
      'The run would stop',
      plan.problems.map(({ section, code, message }) => style('red', `  ! ${section}: ${message} [${code}]`)),
      style,
    ),
    [summary(plan), `plan hash: ${plan.hash}`],
  ]
  return `${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`
}

function sayEffects({ effects }: MachinePlan, kind: keyof typeof kinds, style: Styled): readonly string[] {
  const { title, mark, style: paint } = kinds[kind]
  const lines = effects
    .filter(({ effect }) => effect === kind)
    .map(({ text }) => style(paint, `  ${mark} ${text}`))
  return block(`Would be ${title}`, lines, style)
}

const block = (title: string, lines: readonly string[], style: Styled): readonly string[] =>
  lines.length === 0 ? [] : [style('bold', title), ...lines]

function summary({ effects, problems }: MachinePlan): string {
  const counts = Object.entries(kinds).flatMap(([kind, { title }]) => {
    const count = effects.filter(({ effect }) => effect === kind).length
    return count === 0 ? [] : [`${count} ${title}`]
  })
  const said = counts.length === 0 ? 'nothing to do' : counts.join(', ')
  return problems.length === 0 ? said : `${said}; it would not get to its end`
}
