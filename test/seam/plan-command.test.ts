import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import { expect, test } from 'vitest'
import { machineShape } from '../../src/plan/machine.ts'
import { jsonSchemaOf } from '../../src/plan/shape.ts'
import { planShape } from '../../src/plan/shape-of-plan.ts'
import { scratchDirectory } from '../helpers/scratch.ts'

const project = join(import.meta.dirname, '..', '..')
const program = join(project, 'src', 'main.ts')
const fixture = (name: string) => join(project, 'fixtures/plans/two-disks', name)

const run = (args: readonly string[], input?: string, prefix: readonly string[] = []) => {
  const [file = '', ...rest] = [
    ...prefix,
    process.execPath,
    '--disable-warning=ExperimentalWarning',
    program,
    ...args,
  ]
  return spawnSync(file, rest, { encoding: 'utf8', ...(input !== undefined && { input }) })
}

const schema = new Ajv({ strict: true })

const described = ['--machine', fixture('machine.json'), fixture('config.ign')]

test('inspect describes the machine as its schema says, for root and for others, and for plan', () => {
  const nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups']
  for (const prefix of [[], nobody]) {
    const { status, stdout, stderr } = run(['inspect'], undefined, prefix)
    expect(status, stderr).toBe(0)
    const machine = JSON.parse(stdout) as { unseen: readonly string[]; root: { users: { name: string }[] } }
    expect(schema.validate(jsonSchemaOf(machineShape), machine), schema.errorsText()).toBe(true)
    expect(machine.root.users.map(({ name }) => name)).toContain('root')
    expect(stderr.split('\n').filter((line) => line !== '')).toEqual(
      machine.unseen.map((each) => `not seen: ${each}`),
    )
    const file = join(scratchDirectory(), 'machine.json')
    writeFileSync(file, stdout)
    const config = '{"ignition":{"version":"3.4.0"},"storage":{"directories":[{"path":"/srv"}]}}'
    expect(run(['plan', '--machine', file, '-'], config)).toMatchObject({ status: 0, stderr: '' })
  }
})

test('plan prints text without colours into a pipe, JSON by its schema, and a picture', () => {
  const plain = run(['plan', ...described])
  expect(plain).toMatchObject({ status: 0, stdout: readFileSync(fixture('plan.txt'), 'utf8') })
  const json = run(['plan', '--json', ...described])
  expect(schema.validate(jsonSchemaOf(planShape), JSON.parse(json.stdout)), schema.errorsText()).toBe(true)
  expect(json.stdout).toBe(readFileSync(fixture('plan.json'), 'utf8'))
  const svg = join(scratchDirectory(), 'plan.svg')
  expect(run(['plan', '--svg', svg, ...described])).toMatchObject({ status: 0, stdout: plain.stdout })
  expect(readFileSync(svg, 'utf8')).toBe(readFileSync(fixture('plan.svg'), 'utf8'))
  expect(run(['plan', '--svg', '-', ...described]).stdout).toBe(readFileSync(svg, 'utf8'))
})

test('a description that is none is refused with the place where it is wrong', () => {
  const file = join(scratchDirectory(), 'machine.json')
  writeFileSync(file, readFileSync(fixture('machine.json'), 'utf8').replace('"/dev/vda1"', '7'))
  const { status, stdout, stderr } = run(['plan', '--machine', file, fixture('config.ign')])
  expect([status, stdout]).toEqual([1, ''])
  expect(stderr).toContain('$.devices.1.path is not a string')
  expect(stderr).toContain('FL_MACHINE_UNREADABLE')
})

test('a plan that would not come to its end says so and why', () => {
  const config = (device: string) =>
    `{"ignition":{"version":"3.4.0"},"storage":{"disks":[{"device":"${device}"}]}}`
  const missing = run(
    ['plan', '--machine', fixture('machine.json'), '-'],
    config('/dev/disk/by-id/virtio-third'),
  )
  expect(missing.status).toBe(1)
  expect(missing.stdout).toContain('has virtio-disk, virtio-disk-part1, virtio-disk-part2, virtio-second')
  expect(missing.stdout).toContain('[FL_DEVICE_MISSING]')
  const wrong = run(
    ['plan', '--machine', fixture('machine.json'), '-'],
    '{"ignition":{"version":"3.4.0"},"storage":7}',
  )
  expect(wrong).toMatchObject({ status: 1, stdout: '' })
  expect(wrong.stderr).toContain('FL_CONFIG_INVALID')
})

test.each([
  [['plan'], 'name one config'],
  [['plan', '--live', 'c'], '--live needs --root'],
  [['inspect', 'disk'], 'it takes no arguments'],
])('wrong usage is said: %s', (args, reason) => {
  const { status, stdout, stderr } = run(args)
  expect([status, stdout]).toEqual([2, ''])
  expect(stderr).toContain(reason)
})

test('apply refuses any plan but the one that was reviewed', () => {
  const root = join(scratchDirectory(), 'root')
  mkdirSync(join(root, 'etc'), { recursive: true })
  writeFileSync(join(root, 'etc/motd'), 'before')
  const config = join(root, '..', 'config.ign')
  const node = '{"path":"/etc/motd","overwrite":true,"contents":{"source":"data:,after"}}'
  writeFileSync(config, `{"ignition":{"version":"3.4.0"},"storage":{"files":[${node}]}}`)
  const reviewed = JSON.parse(run(['plan', '--live', '--root', root, '--json', config]).stdout) as {
    hash: string
  }
  const apply = (hash: string) => run(['apply', '--root', root, '--plan-hash', hash, config])
  const motd = () => readFileSync(join(root, 'etc/motd'), 'utf8')
  for (const hash of ['', 'plan1', `${reviewed.hash}0`]) {
    expect(apply(hash)).toMatchObject({ status: 1, stderr: expect.stringContaining('is no hash of a plan') })
    expect(motd()).toBe('before')
  }
  writeFileSync(config, readFileSync(config, 'utf8').replace('after', 'other'))
  const changed = apply(reviewed.hash)
  expect(changed).toMatchObject({ status: 1, stderr: expect.stringContaining('Different: the config\n') })
  expect(changed.stderr).toContain('FL_PLAN_CHANGED')
  expect(motd()).toBe('before')
  writeFileSync(config, readFileSync(config, 'utf8').replace('other', 'after'))
  expect(apply(reviewed.hash).status).toBe(0)
  expect(motd()).toBe('after')
  // it is done: that is another plan
  expect(apply(reviewed.hash).stderr).toContain('Different: the new root (now nothing is done there)')
})
