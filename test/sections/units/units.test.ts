import { describe, expect, test } from 'vitest'
import { units } from '../../../src/sections/units/index.ts'
import type { Config } from '../../../src/spec/config.ts'
import type { Sketch } from '../../helpers/config-of.ts'
import { type FakeOptions, fakeSystem, type Run } from '../../helpers/fake-system.ts'
import { failureOf, planned, provision, stage } from '../../helpers/stage.ts'

const directory = '/sysroot/etc/systemd/system'
const preset = '/sysroot/etc/systemd/system-preset/20-ignition.preset'

/** A systemctl for which units are enabled until they are disabled; static ones stay. */
const systemctl =
  (states: Record<string, string>) =>
  ({ program, args }: Run) => {
    const [, , verb, unit = ''] = args
    if (program !== 'systemctl') return undefined
    if (verb === 'is-enabled') {
      const state = states[unit] ?? 'not-found'
      return { stdout: `${state}\n`, exitCode: ['enabled', 'static', 'indirect'].includes(state) ? 0 : 1 }
    }
    if (states[unit] === 'enabled') states[unit] = 'disabled'
    return {}
  }

const setUp = (
  list: Sketch<Config['systemd']['units']>,
  tree: NonNullable<FakeOptions['files']> = {},
  states: Record<string, string> = {},
) => {
  const system = fakeSystem({ files: { '/sysroot/etc': null, ...tree }, programs: systemctl(states) })
  const context = stage({ system, config: { systemd: { units: list } } })
  return { system, context, run: () => provision(context, units) }
}

describe('unit files', () => {
  test('units and drop-ins are written, empty drop-ins too', async () => {
    const { system, context, run } = setUp([
      {
        name: 'a.service',
        contents: '[Unit]\n',
        dropins: [
          { name: '10.conf', contents: '[Service]\n' },
          { name: '20.conf', contents: '' },
          { name: '30.conf' },
        ],
      },
      { name: 'b.service', contents: '' },
    ])
    await run()
    expect(system.files.list(directory)).toEqual(['a.service', 'a.service.d'])
    expect(system.files.list(`${directory}/a.service.d`)).toEqual(['10.conf', '20.conf'])
    expect(system.files.lstat(`${directory}/a.service`)).toMatchObject({ mode: 0o644, uid: 0, gid: 0 })
    expect([...context.written]).toEqual([
      '/sysroot/etc/systemd',
      `${directory}/a.service.d/20.conf`,
      `${directory}/a.service`,
    ])
    expect(await planned(context, units)).toEqual([])
  })

  test('what is there gives way, a mask too', async () => {
    const { system, run } = setUp(
      [
        { name: 'a.service', contents: 'new' },
        { name: 'b.service', contents: 'new' },
      ],
      {
        [`${directory}/a.service`]: 'old',
        [`${directory}/b.service`]: { link: '/dev/null' },
      },
    )
    await run()
    expect(['a', 'b'].map((name) => system.files.readText(`${directory}/${name}.service`))).toEqual([
      'new',
      'new',
    ])
    expect(system.files.lstat(`${directory}/b.service`)?.type).toBe('file')
  })

  test('a link at the place of the directory stays inside the root', async () => {
    const { system, run } = setUp([{ name: 'a.service', contents: 'x' }], {
      '/sysroot/etc/systemd': { link: '/usr/etc/systemd' },
      '/usr/etc/systemd': null,
    })
    await run()
    expect(system.files.readText('/sysroot/usr/etc/systemd/system/a.service')).toBe('x')
    expect(system.files.list('/usr/etc/systemd')).toEqual([])
  })

  test('are logged as the reference does', async () => {
    const { system, run } = setUp([
      { name: 'a.service', contents: 'x', dropins: [{ name: 'd.conf', contents: 'x' }] },
    ])
    await run()
    expect(
      system.messages.map(({ message }) => message).filter((message) => message.includes('[started]')),
    ).toEqual([
      'op(1): [started]  processing unit "a.service"',
      `op(1): op(2): [started]  writing systemd drop-in "d.conf" at "${directory}/a.service.d/d.conf"`,
      `op(1): op(3): [started]  writing unit "a.service" at "${directory}/a.service"`,
    ])
  })

  test('a directory in the way is named', async () => {
    const { run } = setUp([{ name: 'a.service', contents: 'x' }], { [`${directory}/a.service`]: null })
    expect(await failureOf(run)).toMatchObject({
      code: 'FL_FILE',
      message: expect.stringContaining('"a.service"'),
    })
  })
})

describe('masks', () => {
  const at = `${directory}/a.service`
  test.each<[string, boolean, NonNullable<FakeOptions['files']>, string | undefined]>([
    ['a mask on nothing', true, {}, '/dev/null'],
    ['a mask on a unit', true, { [at]: 'x' }, '/dev/null'],
    ['a mask on a directory', true, { [`${at}/x`]: 'x' }, '/dev/null'],
    ['an unmask', false, { [at]: { link: '/dev/null' } }, undefined],
    ['an unmask of another link', false, { [at]: { link: '/dev/zero' } }, '/dev/zero'],
    ['an unmask of nothing', false, {}, undefined],
  ])('%s', async (_, mask, tree, expected) => {
    const { system, context, run } = setUp([{ name: 'a.service', mask }], tree)
    await run()
    const found = system.files.lstat(at)
    expect(found?.type === 'symlink' ? system.files.readlink(at) : found).toBe(expected)
    expect(await planned(context, units)).toEqual([])
  })

  test('an unmask of a unit file leaves it', async () => {
    const { system, run } = setUp([{ name: 'a.service', mask: false }], { [at]: 'x' })
    await run()
    expect(system.files.readText(at)).toBe('x')
  })

  test('a mask wins over contents', async () => {
    const { system, context, run } = setUp([{ name: 'a.service', mask: true, contents: 'x' }])
    await run()
    expect(system.files.readlink(at)).toBe('/dev/null')
    expect(await planned(context, units)).toEqual([])
  })
})

describe('the preset file', () => {
  test('gets a line for each enabled unit, after what is there, once', async () => {
    const list = [
      { name: 'b.service', enabled: true },
      { name: 'a@x.service', enabled: true },
    ]
    const { system, context, run } = setUp(list, { [preset]: 'enable old.service' })
    await run()
    await run()
    expect(system.files.readText(preset)).toBe('enable old.service\nenable a@.service x\nenable b.service\n')
    expect(system.files.lstat(preset)?.mode).toBe(0o644)
    expect([...context.written]).toEqual([preset])
    expect(await planned(context, units)).toEqual([])
    expect(system.runs).toEqual([])
  })

  const list = ['on', 'off', 'fixed', 'gone'].map((name) => ({ name: `${name}.service`, enabled: false }))
  const states = () => ({ 'on.service': 'enabled', 'off.service': 'disabled', 'fixed.service': 'static' })

  test('disables only what systemctl calls enabled', async () => {
    const { system, context, run } = setUp(list, {}, states())
    await run()
    expect(system.files.readText(preset)).toBe('disable fixed.service\ndisable on.service\n')
    expect(
      system.runs.map(({ args }) => args.join(' ')).filter((args) => args.includes(' disable ')),
    ).toEqual(['--root /sysroot disable fixed.service', '--root /sysroot disable on.service'])
    expect(await planned(context, units)).toEqual([])
  })

  test('asks again about a unit that the config itself brings', async () => {
    const system = fakeSystem({
      programs: ({ args }, files) =>
        args.includes('is-enabled') && !files.lstat(`${directory}/own.service`) ? { exitCode: 4 } : {},
    })
    const list = [{ name: 'own.service', enabled: false, contents: '[Unit]\n' }]
    await provision(stage({ system, config: { systemd: { units: list } } }), units)
    expect(system.files.readText(preset)).toBe('disable own.service\n')
  })

  test('says when systemctl is missing', async () => {
    const system = fakeSystem({ programs: () => undefined })
    const context = stage({ system, config: { systemd: { units: [{ name: 'a.service', enabled: false }] } } })
    expect(await failureOf(() => provision(context, units))).toMatchObject({ code: 'FL_PROGRAM_MISSING' })
  })
})
