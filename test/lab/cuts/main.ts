// Cuts the power of a machine at many points: node test/lab/cuts/main.ts SEED COUNT [SHARE SHARES] [--verbose] [--bare]. A
// fifth of the cuts are of a machine without a boot partition, with --bare all. It makes and destroys block devices, so it
// runs in the lab: `npm run lab -- node test/lab/cuts/main.ts 1 10`.
import { createServer } from 'node:http'
import { parseArgs } from 'node:util'
import type { ErrorCode } from '../../../src/errors.ts'
import { listen } from '../../helpers/server.ts'
import { type CutPlan, chooseCuts } from './choose.ts'
import { configWith } from './config.ts'
import { harvest, rerun, type Situation, uninterrupted } from './experiment.ts'
import { dropSnapshot, makeDelivered } from './machine.ts'

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { verbose: { type: 'boolean', default: false }, bare: { type: 'boolean', default: false } },
})
/** Part of the cuts on a machine without a boot partition. */
const bareShare = values.bare ? 1 : 0.2

const [seed = 1, count = 10, share = 0, shares = 1] = positionals.map(Number)

if (process.env['FIRSTLIGHT_LAB'] !== '1') {
  console.error('This destroys block devices: run it in the lab, npm run lab -- node test/lab/cuts/main.ts')
  process.exit(2)
}
process.umask(0o022)
const server = createServer((_request, response) => response.end('from afar\n'))
const origin = `http://127.0.0.1:${await listen(server)}`
const started = performance.now()
const seconds = () => Math.round((performance.now() - started) / 100) / 10
const say = (record: object) => console.log(JSON.stringify({ ...record, seconds: seconds() }))

const delivered = makeDelivered()
const config = configWith(origin)

/** Without a boot partition for the journal of steps some cuts end with these: docs/decisions/step-journal.md. */
const stops: readonly (ErrorCode | undefined)[] = ['FL_DEVICE_OCCUPIED', 'FL_FILE_EXISTS']

async function cutPower(journal: boolean, cuts: number): Promise<void> {
  const situation: Situation = { delivered, config, journal }
  const reference = await uninterrupted(situation)
  if (values.verbose)
    console.log([...reference.points.map(({ before }) => before), ...reference.outcome].join('\n'))
  say({ kind: 'reference', journal, points: reference.points.length })
  const mine = chooseCuts(reference.points, { seed, count: cuts }).filter(
    (_, index) => index % shares === share,
  )
  const byWay = (isKept: boolean) => mine.filter(({ way }) => (way === 'kept') === isKept)
  for (const plans of [byWay(false), byWay(true)]) {
    const taken = plans.length === 0 ? [] : await harvest(situation, reference, plans)
    say({ kind: 'harvest', snapshots: taken.length })
    for (const [index, snapshot] of taken.entries()) {
      const plan = plans[index] as CutPlan
      const listen = (line: string) => {
        if (values.verbose && /earlier run|unfinished|run before/.test(line)) console.log(line)
      }
      const { said, stop } = await rerun({ ...situation, delivered: snapshot, listen }, reference)
      const passed = said === '' || (!journal && stops.includes(stop))
      say({ kind: 'cut', journal, before: plan.point.before, way: plan.way, passed, stop, said })
      dropSnapshot(snapshot)
    }
  }
}

const bare = Math.round(count * bareShare)
if (count > bare) await cutPower(true, count - bare)
if (bare > 0) await cutPower(false, bare)
server.close()
