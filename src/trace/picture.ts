import { formatSeconds } from './blame.ts'
import type { TraceProcess, TraceSpan } from './read.ts'

/** Sizes in pixels. */
const width = 1400
const left = 150
const right = 260
const top = 60
const rowHeight = 16
const gap = 10
const characterWidth = 6.1

/** Colour of a stage, by its place in the trace; chosen to be told apart by people who see few colours too. */
const colours = ['#0072b2', '#56b4e9', '#009e73', '#e69f00', '#cc79a7', '#d55e00', '#888888']

interface Bar {
  readonly span: TraceSpan
  readonly row: number
}

/** The timeline of a trace as SVG: a band for each stage, in it a row for what lies in what and what runs beside what. */
export function drawTrace(processes: readonly TraceProcess[]): string {
  const begun = Math.min(...processes.map((process) => process.begun))
  const ended = Math.max(...processes.map((process) => process.ended))
  const scale = (width - left - right) / Math.max(ended - begun, 0.001)
  const at = (seconds: number) => left + (seconds - begun) * scale
  let y = top
  const bands = processes.map((process, index) => {
    const bars = [...rowsOf(process)]
    const rows = Math.max(1, ...bars.map(({ row }) => row + 1))
    const band = drawBand({ process, bars, y, rows, at, colour: colours[index % colours.length] ?? '' })
    y += (rows + 1) * rowHeight + gap
    return band
  })
  const height = y + 10
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="sans-serif" font-size="11">`,
    `<rect width="${width}" height="${height}" fill="white"/>`,
    `<text x="10" y="20" font-size="15">First boot: ${formatSeconds(total(processes))} in ${processes.length} stages</text>`,
    drawAxis({ begun, ended, at, height }),
    ...bands,
    '</svg>\n',
  ].join('\n')
}

const total = (processes: readonly TraceProcess[]): number =>
  processes.reduce((sum, { begun, ended }) => sum + ended - begun, 0)

/** Lanes below each other, and in each what lies in what. */
function* rowsOf({ spans }: TraceProcess): Generator<Bar> {
  const depths = new Map<number, number>()
  const found: { span: TraceSpan; depth: number }[] = []
  const visit = (span: TraceSpan, depth: number) => {
    depths.set(span.lane, Math.max(depths.get(span.lane) ?? 0, depth + 1))
    found.push({ span, depth })
    // a request has the name of its fetch
    const inside =
      span.kind === 'fetch' ? span.children.filter(({ kind }) => kind !== 'request') : span.children
    for (const child of inside) visit(child, child.lane === span.lane ? depth + 1 : 0)
  }
  for (const span of spans) visit(span, 0)
  const firstRow = new Map<number, number>()
  let next = 0
  for (const lane of [...depths.keys()].sort((a, b) => a - b)) {
    firstRow.set(lane, next)
    next += depths.get(lane) ?? 0
  }
  for (const { span, depth } of found) yield { span, row: (firstRow.get(span.lane) ?? 0) + depth }
}

interface Band {
  readonly process: TraceProcess
  readonly bars: readonly Bar[]
  readonly y: number
  readonly rows: number
  readonly at: (seconds: number) => number
  readonly colour: string
}

function drawBand({ process, bars, y, rows, at, colour }: Band): string {
  const { name, begun, ended } = process
  const [from, to] = [at(begun), at(ended)]
  const stage = [
    `<text x="10" y="${y + 12}" font-weight="bold">${xml(name)}</text>`,
    `<text x="10" y="${y + 26}" fill="#555">${formatSeconds(ended - begun)}</text>`,
    rect(
      { x: from, y, width: to - from, height: rowHeight - 2 },
      colour,
      0.25,
      `${name}, ${formatSeconds(ended - begun)}`,
    ),
    rect({ x: from, y, width: to - from, height: (rows + 1) * rowHeight }, colour, 0.06),
  ]
  const byRow = Map.groupBy(bars, ({ row }) => row)
  const drawn = [...byRow].flatMap(([row, inRow]) =>
    drawRow(
      inRow.map(({ span }) => span).sort((a, b) => a.begun - b.begun),
      { y: y + (row + 1) * rowHeight, at, colour },
    ),
  )
  return [...stage, ...drawn].join('\n')
}

/** What is too thin to be seen beside the bar before it is left out; a label stands in its bar, or in the free space behind. */
function drawRow(
  spans: readonly TraceSpan[],
  { y, at, colour }: Pick<Band, 'y' | 'at' | 'colour'>,
): string[] {
  const visible: TraceSpan[] = []
  let edge = Number.NEGATIVE_INFINITY
  for (const span of spans) {
    if (at(span.ended) < edge + 0.5) continue
    visible.push(span)
    edge = at(span.ended)
  }
  return visible.flatMap((span, index) => {
    const { name, kind, begun, ended } = span
    const label = kind === 'observe' || kind === 'plan' ? kind : name
    const box = { x: at(begun), y, width: Math.max(at(ended) - at(begun), 0.5), height: rowHeight - 2 }
    const following = visible[index + 1]
    const free = (following === undefined ? width - 10 : at(following.begun)) - box.x - box.width - 6
    const failed = span.facts['failed'] !== undefined || span.isOpen
    const bar = rect(
      box,
      failed ? '#b00020' : colour,
      shade[kind] ?? 0.6,
      `${label}, ${formatSeconds(ended - begun)}`,
    )
    const inside = fitting(label, box.width - 6)
    const behind = fitting(label, free)
    const place =
      inside.length >= behind.length
        ? { x: box.x + 3, text: inside }
        : { x: box.x + box.width + 3, text: behind }
    return place.text === ''
      ? [bar]
      : [bar, `<text x="${round(place.x)}" y="${y + 11}">${xml(place.text)}</text>`]
  })
}

/** How strong the colour is: what waits is pale. */
const shade: Partial<Record<TraceSpan['kind'], number>> = {
  section: 0.3,
  observe: 0.4,
  plan: 0.4,
  wait: 0.2,
  program: 0.75,
}

/** As much of a text as fits; nothing rather than a few letters. */
function fitting(text: string, pixels: number): string {
  const letters = Math.floor(pixels / characterWidth)
  if (text.length <= letters) return text
  return letters < 6 ? '' : `${text.slice(0, letters - 1)}…`
}

interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

function rect({ x, y, width: wide, height }: Box, colour: string, opacity: number, title = ''): string {
  const tip = title === '' ? '' : `<title>${xml(title)}</title>`
  return `<rect x="${round(x)}" y="${y}" width="${round(wide)}" height="${height}" fill="${colour}" fill-opacity="${opacity}" stroke="white" stroke-width="0.5">${tip}</rect>`
}

interface Axis {
  readonly begun: number
  readonly ended: number
  readonly at: (seconds: number) => number
  readonly height: number
}

/** A line every 1, 2 or 5 times a power of ten seconds, about ten in all. */
function drawAxis({ begun, ended, at, height }: Axis): string {
  const rough = Math.max(ended - begun, 0.001) / 10
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = power * ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10)
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9))
  const lines: string[] = []
  for (let tick = Math.ceil(begun / step - 1e-9); tick * step <= ended; tick += 1) {
    const x = round(at(tick * step))
    lines.push(
      `<line x1="${x}" y1="${top - 12}" x2="${x}" y2="${height - 10}" stroke="#ddd"/>`,
      `<text x="${x}" y="${top - 16}" text-anchor="middle" fill="#555">${(tick * step).toFixed(digits)} s</text>`,
    )
  }
  return lines.join('\n')
}

const round = (pixels: number): number => Math.round(pixels * 10) / 10

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

/** Control characters are no XML. */
const xml = (text: string): string =>
  text.replace(/\p{Cc}/gu, ' ').replace(/[&<>"]/g, (character) => entities[character] ?? character)
