import { linesOf } from './draw-ascii.ts'
import { layOut } from './lay-out.ts'
import type { DiskPicture, MachinePlan, Segment } from './shape-of-plan.ts'
import { shown, sizeInWords } from './words.ts'

/** All in pixels. */
const page = { width: 960, margin: 24, title: 28, row: 126, gap: 12, box: 114, line: 15, perLetter: 6.6 }

/** Fills and edges that are told apart in grey too; the words say the same. */
const colors: Readonly<Record<Segment['mark'], { readonly fill: string; readonly edge: string }>> = {
  kept: { fill: '#e8ecf1', edge: '#6b7785' },
  free: { fill: '#ffffff', edge: '#b5bec8' },
  made: { fill: '#d3f2dc', edge: '#1f7a3d' },
  gone: { fill: '#fbdcd9', edge: '#b3261e' },
  changed: { fill: '#fdeecb', edge: '#8f6400' },
}

/** All disks of a plan before and after, as one SVG picture. */
export function drawSvg({ disks, hash }: MachinePlan): string {
  const height = page.title + 2 * page.row + page.gap
  const total = page.margin * 2 + Math.max(disks.length, 1) * (height + page.gap) + page.title
  const body =
    disks.length === 0
      ? [words({ x: page.margin, y: page.margin + page.line }, 'The config has nothing to do with disks.')]
      : disks.flatMap((disk, index) => drawDisk(disk, page.margin + index * (height + page.gap)))
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${page.width}" height="${total}" viewBox="0 0 ${page.width} ${total}" font-family="sans-serif" font-size="12">`,
    '<title>Disks before and after</title>',
    `<rect width="${page.width}" height="${total}" fill="#ffffff"/>`,
    ...body,
    words({ x: page.margin, y: total - page.margin }, hash, 'fill="#6b7785" font-size="10"'),
    '</svg>',
    '',
  ].join('\n')
}

function drawDisk(disk: DiskPicture, top: number): readonly string[] {
  const name = disk.device === disk.path ? disk.device : `${disk.device} (${disk.path})`
  const title = `${name}, ${sizeInWords(disk.sizeBytes)}`
  const first = top + page.title
  return [
    words({ x: page.margin, y: top + page.line }, title, 'font-weight="bold" font-size="14"'),
    ...drawRow('before', disk.before, { disk, top: first }),
    ...drawRow('after', disk.after, { disk, top: first + page.row }),
  ]
}

const titleWidth = 56

function drawRow(
  title: string,
  segments: readonly Segment[],
  { disk, top }: { readonly disk: DiskPicture; readonly top: number },
): readonly string[] {
  const length = page.width - 2 * page.margin - titleWidth
  const minimum = Math.min(110, Math.floor(length / Math.max(segments.length, 1)))
  const widths = layOut(
    segments.map(({ size }) => size),
    length,
    minimum,
  )
  let x = page.margin + titleWidth
  const boxes = segments.flatMap((segment, index) => {
    const width = widths[index] ?? minimum
    const box = drawBox(segment, { x, y: top, width }, disk.sectorBytes)
    x += width
    return box
  })
  return [words({ x: page.margin, y: top + page.box / 2 }, title, 'fill="#6b7785"'), ...boxes]
}

interface Place {
  readonly x: number
  readonly y: number
}

function drawBox(
  segment: Segment,
  { x, y, width }: Place & { readonly width: number },
  sectorBytes: number,
): readonly string[] {
  const { fill, edge } = colors[segment.mark]
  const dashes = segment.mark === 'gone' ? ' stroke-dasharray="4 3"' : ''
  const lines = linesOf(segment, sectorBytes)
  const room = Math.floor((width - 12) / page.perLetter)
  return [
    '<g>',
    `<title>${escaped(lines.join('\n'))}</title>`,
    `<rect x="${x}" y="${y}" width="${width}" height="${page.box}" fill="${fill}" stroke="${edge}"${dashes}/>`,
    ...lines
      .slice(0, Math.floor(page.box / page.line))
      .map((line, index) =>
        words(
          { x: x + 6, y: y + (index + 1) * page.line },
          line.length > room ? `${line.slice(0, room - 1)}…` : line,
          index === 0 ? 'font-weight="bold"' : '',
        ),
      ),
    '</g>',
  ]
}

const words = ({ x, y }: Place, text: string, style = '') =>
  `<text x="${x}" y="${y}"${style === '' ? '' : ` ${style}`}>${escaped(shown(text))}</text>`

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

/** Characters that XML does not allow at all become a question mark. */
const escaped = (text: string) =>
  text
    .replaceAll(/[&<>"]/g, (character) => escapes[character] ?? character)
    .replaceAll(/[^\t\n\x20-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '?')
