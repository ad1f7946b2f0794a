import { list, number, optional, record, type Shaped, text, word } from './shape.ts'

const effect = record('Something that the run does to the machine, or leaves alone.', {
  section: text,
  effect: word('destroy', 'create', 'change', 'use', 'keep'),
  subject: text,
  text,
})

const segment = record('A piece of a disk; places in logical sectors.', {
  kind: word('partition', 'free', 'whole'),
  mark: word('kept', 'made', 'changed', 'gone', 'free'),
  number: optional(number),
  label: optional(text),
  typeGuid: optional(text),
  start: number,
  size: number,
  holds: list(text),
})

const disk = record('A disk before and after.', {
  device: text,
  path: text,
  sizeBytes: number,
  sectorBytes: number,
  before: list(segment),
  after: list(segment),
})

/** THE table of `firstlight plan --json`. */
export const planShape = record('What a config would do to a machine, as firstlight plan says it.', {
  version: word(1),
  hash: text,
  mode: word('boot', 'live'),
  root: word('seen', 'described', 'unseen'),
  effects: list(effect),
  resources: list(
    record('Something that would be fetched.', {
      url: text,
      wantedBy: text,
      compression: optional(text),
      hash: optional(text),
    }),
  ),
  unknowns: list(
    record('Something that only the run itself will know.', {
      section: text,
      subject: text,
      reason: text,
      taken: text,
    }),
  ),
  problems: list(record('Where the run would stop.', { section: text, code: text, message: text })),
  disks: list(disk),
})

export type MachinePlan = Shaped<typeof planShape>
export type Effect = MachinePlan['effects'][number]
export type Segment = MachinePlan['disks'][number]['before'][number]
export type DiskPicture = MachinePlan['disks'][number]
export type Problem = MachinePlan['problems'][number]
