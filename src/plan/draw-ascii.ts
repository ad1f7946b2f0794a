import { layOut } from './lay-out.ts'
import type { DiskPicture, Segment } from './shape-of-plan.ts'
import { shown, sizeInWords } from './words.ts'

/** Columns of a picture besides what stands before it. */
const columns = 68

/** Columns of the narrowest box, without its right border. */
const narrowest = 11

/** More boxes than this do not fit beside each other: they go on in the next row. */
const mostInRow = Math.floor(columns / narrowest)

/** Wraps a text for its mark: colours, or nothing. */
export type Paint = (mark: Segment['mark'] | Segment['kind'], text: string) => string

/** One disk before and after, in plain ASCII. */
export function drawDisk(disk: DiskPicture, paint: Paint): readonly string[] {
  const name = disk.device === disk.path ? shown(disk.device) : `${shown(disk.device)} (${shown(disk.path)})`
  return [
    `${name}, ${sizeInWords(disk.sizeBytes)}`,
    ...drawRows('before', disk.before, { disk, paint }),
    ...drawRows('after', disk.after, { disk, paint }),
  ]
}

interface Drawing {
  readonly disk: DiskPicture
  readonly paint: Paint
}

function drawRows(title: string, segments: readonly Segment[], drawing: Drawing): readonly string[] {
  const rows = Math.ceil(segments.length / mostInRow)
  const perRow = Math.ceil(segments.length / rows)
  return Array.from({ length: rows }, (_, row) => segments.slice(row * perRow, (row + 1) * perRow)).flatMap(
    (part, row) => drawRow(row === 0 ? title : '', part, drawing),
  )
}

function drawRow(title: string, segments: readonly Segment[], { disk, paint }: Drawing): readonly string[] {
  const widths = layOut(
    segments.map(({ size }) => size),
    columns,
    narrowest,
  )
  const texts = segments.map((segment) => linesOf(segment, disk.sectorBytes))
  const height = Math.max(...texts.map((lines) => lines.length))
  const border = `${' '.repeat(7)}${widths.map((width) => `+${'-'.repeat(width - 1)}`).join('')}+`
  const body = Array.from({ length: height }, (_, line) => {
    const boxes = widths.map((width, index) => {
      const segment = segments[index]
      const text = ` ${cut(texts[index]?.[line] ?? '', width - 3)}`.padEnd(width - 1)
      return `|${segment ? paint(segment.mark, text) : text}`
    })
    return `${(line === 0 ? title : '').padEnd(7)}${boxes.join('')}|`
  })
  return [border, ...body, border]
}

/** What stands in a box, the most important first. */
export function linesOf(segment: Segment, sectorBytes: number): readonly string[] {
  const size = sizeInWords(segment.size * sectorBytes)
  switch (segment.kind) {
    case 'free':
      return ['free', size]
    case 'whole':
      return [...segment.holds.map(shown), size, marks[segment.mark]].filter((line) => line !== '')
    case 'partition':
      return [
        `${segment.number}${segment.label ? ` ${shown(segment.label)}` : ''}`,
        marks[segment.mark],
        size,
        ...segment.holds.map(shown),
      ].filter((line) => line !== '')
  }
}

const marks: Readonly<Record<Segment['mark'], string>> = {
  kept: '',
  free: '',
  made: '* new',
  gone: 'x goes',
  changed: '~ changed',
}

const cut = (text: string, width: number) => (text.length > width ? `${text.slice(0, width - 1)}~` : text)
