import type { ErrorCode } from '../../src/errors.ts'
import { platforms } from '../../src/platforms/table.ts'
import type { Files } from '../../src/system/system.ts'
import { systemError } from './fake-tree.ts'
import { type Leaf, leavesOf } from './leaves.ts'
import type { MachineChange } from './machine-changes.ts'
import {
  appear,
  broken,
  damaged,
  damagedOnce,
  device,
  withModule,
  withoutMessage,
} from './machine-changes.ts'
import { CONFIG, caseOf, type PlatformCase } from './platform-case.ts'

/** As long as the config, for devices that say how long it is. */
const GARBAGE = '<html>not a config at all</html>'
const CUT = CONFIG.slice(0, -1)

/** A machine on which something is wrong, and what must come of it. */
export interface Trial {
  readonly given: PlatformCase
  /** Changes of the machine before it is asked. */
  readonly change?: MachineChange
  /** What the person at the console does when this was said. */
  readonly mended?: { readonly told: string; readonly by: (files: Files) => void }
  /** Said at level warning, when the machine goes on without the source. */
  readonly warned?: readonly string[]
  readonly expected: 'used' | { readonly code: ErrorCode; readonly words: readonly string[] }
}

type Faults = Readonly<Record<'late' | 'unreadable' | 'no config' | 'cut off', Trial>>

const invalid = (...words: readonly string[]) => ({ code: 'FL_CONFIG_INVALID', words }) as const
const unreadable = (...words: readonly string[]) => ({ code: 'FL_CONFIG_UNREADABLE', words }) as const
const failed = (...words: readonly string[]) => ({ code: 'FL_PROGRAM', words }) as const

/** The case with another text in place of its config. */
const saying = (given: PlatformCase, text: string): PlatformCase => {
  const quoted = (one: string) => JSON.stringify(one).slice(1, -1)
  return JSON.parse(JSON.stringify(given).replaceAll(quoted(CONFIG), quoted(text))) as PlatformCase
}

/** Faults of whatever is one text in the recorded case. */
const ofText = (given: PlatformCase, place: string) => ({
  'no config': { given: saying(given, GARBAGE), expected: invalid(place) },
  'cut off': { given: saying(given, CUT), expected: invalid(place) },
})

function ofDrive({ label, paths }: Extract<Leaf, { kind: 'drive' }>, platform: string): Faults {
  const drives = leavesOf(platforms[platform]).filter((leaf) => leaf.kind === 'drive')
  const onDrive = (text: string): PlatformCase => {
    const files = Object.fromEntries(drives.map((one) => [one.paths[0] ?? '', text]))
    return { drive: { label, files } }
  }
  const link = `/dev/disk/by-label/${label}`
  const [path = ''] = paths
  const words = [`"${path}" on drive "${label}"`]
  const other = drives.find((one) => one.label !== label)
  // one that fails leaves the others in a race
  const raced = (trial: Trial): Trial => {
    if (other === undefined || trial.expected === 'used') return trial
    const by = (files: Files) => files.write(`/dev/disk/by-label/${other.label}`, '', { mode: 0o600 })
    const { words: warned } = trial.expected
    return { ...trial, mended: { told: warned[0] ?? '', by }, warned, expected: 'used' }
  }
  return {
    late: {
      given: onDrive(CONFIG),
      change: ({ files }) => {
        files.remove(link)
        return {}
      },
      mended: {
        told: `waiting for a drive with the label "${label}"`,
        by: (files) => files.write(link, '', { mode: 0o600 }),
      },
      expected: 'used',
    },
    unreadable: raced({ given: onDrive(CONFIG), change: broken('mount', link), expected: failed('"mount"') }),
    'no config': { given: onDrive(GARBAGE), expected: invalid(...words) },
    'cut off': raced({ given: onDrive(CONFIG), change: damagedOnce(path), expected: unreadable(...words) }),
  }
}

function ofDisc({ filesystems, mark, path }: Extract<Leaf, { kind: 'disc' }>, platform: string): Faults {
  const [type = ''] = filesystems
  const disc = (text: string) => ({ type, files: { [`/${mark}`]: '', [`/${path}`]: text } })
  const exchanges = (caseOf(platform).exchanges ?? []).map((one) => ({ ...one, response: { status: 204 } }))
  const drives = ['sr0', 'sr1'].map((name) => [`/sys/class/block/${name}/device/type`, '5\n'])
  const machine = { exchanges, files: Object.fromEntries(drives) as Readonly<Record<string, string>> }
  const replaced = (): Pick<Trial, 'given' | 'mended' | 'warned' | 'expected'> => {
    const discs: Record<string, ReturnType<typeof disc>> = { '/dev/sr0': disc(CONFIG) }
    const by = () => void Object.assign(discs, { '/dev/sr1': disc(CONFIG) })
    const told = 'not so: /dev/sr0'
    return { given: { ...machine, discs }, mended: { told, by }, warned: ['/dev/sr0'], expected: 'used' }
  }
  const none: Record<string, ReturnType<typeof disc>> = {}
  const words = [`"${path}" on the disc with "${mark}"`]
  return {
    late: {
      given: { ...machine, discs: none },
      mended: {
        told: 'there is no disc',
        by: () => void Object.assign(none, { '/dev/sr0': disc(CONFIG) }),
      },
      expected: 'used',
    },
    unreadable: { ...replaced(), change: broken('mount', '/dev/sr0') },
    'no config': { given: { ...machine, discs: { '/dev/sr0': disc(GARBAGE) } }, expected: invalid(...words) },
    'cut off': { ...replaced(), change: damagedOnce(path) },
  }
}

function ofFirmwareConfig(_leaf: Leaf, platform: string): Faults {
  const given = caseOf(platform)
  const files = given.files ?? {}
  const what = 'firmware config item "opt/com.coreos/config"'
  const raw = Object.keys(files).find((path) => path.endsWith('/raw')) ?? ''
  return {
    late: { given: {}, change: withModule(files), expected: 'used' },
    unreadable: { given, change: damaged('/raw'), expected: unreadable(what) },
    'no config': { given: saying(given, GARBAGE), expected: invalid(what) },
    'cut off': {
      given: { files: { ...files, [raw]: CUT } },
      expected: unreadable(what, 'says it has 32 bytes but gave 31'),
    },
  }
}

const VALUE = '/Ignition/Config'

type DeviceKind = Exclude<Leaf['kind'], 'none' | 'http' | 'interfaces' | 'dhcp-server'>

/** Kind of source → what can be wrong with it. The compiler asks for every kind that there is. */
const faults: {
  readonly [Kind in DeviceKind]: (leaf: Extract<Leaf, { kind: Kind }>, platform: string) => Faults
} = {
  drive: ofDrive,
  disc: ofDisc,
  'fw-cfg': ofFirmwareConfig,
  file(_, platform) {
    const given = caseOf(platform)
    const [path = ''] = Object.keys(given.files ?? {})
    return {
      // nobody brings it
      late: { given: { ...given, files: {} }, expected: unreadable(path) },
      unreadable: { given, change: damaged(path), expected: unreadable(path) },
      ...ofText(given, path),
    }
  },
  'firmware-file': ({ path }, platform) => ({
    late: { given: {}, change: withModule({ [path]: CONFIG }), expected: 'used' },
    unreadable: { given: caseOf(platform), change: damaged(path), expected: unreadable(path) },
    ...ofText(caseOf(platform), path),
  }),
  'block-device'({ path, driver }) {
    const given = { architecture: 's390x', files: { [driver]: '', [path]: `${CONFIG}\0\0` } }
    const told = `waiting for the disk "${path}"`
    return {
      late: {
        given: { ...given, files: { [driver]: '' } },
        mended: { told, by: (files) => appear(files, path, CONFIG) },
        expected: 'used',
      },
      unreadable: { given, change: damaged(path), expected: unreadable(path) },
      ...ofText(given, path),
    }
  },
  vsock({ cid, port }) {
    const place = `vsock port ${port} of CID ${cid}`
    const given = { vsock: CONFIG }
    const cut = async function* () {
      yield Buffer.from(CUT)
      throw new Error('the host closed the connection')
    }
    return {
      late: {
        given,
        change: ({ system }) => ({
          async request(request) {
            await system.sleep(20_000, 'server')
            return system.request(request)
          },
        }),
        mended: { told: `${place}: no answer for 5 s`, by: () => undefined },
        expected: 'used',
      },
      unreadable: { given: {}, expected: unreadable(place, 'no host') },
      'no config': { given: { vsock: GARBAGE }, expected: invalid(place) },
      'cut off': {
        given,
        change: () => ({ request: async () => ({ status: 200, headers: {}, body: cut() }) }),
        expected: unreadable(place, 'the host closed the connection'),
      },
    }
  },
  hyperv() {
    const path = '/dev/vmbus/hv_kvp'
    const given = (value: string) => ({ kvp: [{ pool: 0, key: 'ignition.config', value }] })
    const looks: boolean[] = []
    return {
      late: {
        given: given(CONFIG),
        change: device((opened) => ({ isReadable: () => looks.push(true) > 40 && opened.isReadable() })),
        expected: 'used',
      },
      unreadable: { given: {}, expected: unreadable(path) },
      'no config': { given: given(GARBAGE), expected: invalid('key "ignition.config" of the host') },
      'cut off': {
        given: given(CONFIG),
        change: device((opened) => ({ read: (length) => opened.read(length).subarray(0, 100) })),
        expected: unreadable(path, 'a message has 100 bytes'),
      },
    }
  },
  virtualbox: () => ({
    // udev has loaded the module by then, or there is none
    late: { given: {}, expected: unreadable('/dev/vboxguest') },
    unreadable: {
      given: { guestProperties: { [VALUE]: `${CONFIG}\0\0` } },
      change: device(() => ({
        control() {
          throw systemError('EIO', 'ioctl', '/dev/vboxguest')
        },
      })),
      expected: unreadable('VirtualBox', 'EIO'),
    },
    'no config': { given: { guestProperties: { [VALUE]: `${GARBAGE}\0\0` } }, expected: invalid(VALUE) },
    'cut off': { given: { guestProperties: { [VALUE]: CUT } }, expected: unreadable(VALUE, 'does not end') },
  }),
  vmware() {
    const given = (data: string) => ({ guestVariables: { 'guestinfo.ignition.config.data': data } })
    return {
      // the port is there from the first instruction, or it is another machine
      late: { given: {}, expected: { code: 'FL_NO_PROVIDER', words: ['vmware'] } },
      unreadable: {
        given: given(CONFIG),
        change: withoutMessage(0),
        expected: unreadable('guest variables', 'opens no channel'),
      },
      'no config': { given: given(GARBAGE), expected: invalid('guestinfo.ignition.config.data') },
      'cut off': {
        given: given(CONFIG),
        change: withoutMessage(4),
        expected: unreadable('guest variable', 'ends early'),
      },
    }
  },
  zvm(_, platform) {
    const given = caseOf(platform)
    let isIgnored = true
    return {
      late: {
        given,
        change: (machine) => ({
          async run(program, ...rest) {
            if (program === 'cio_ignore') isIgnored = false
            const used = isIgnored
              ? { ...machine.system, ...broken('chccwdev', '-e')(machine) }
              : machine.system
            return used.run(program, ...rest)
          },
        }),
        expected: 'used',
      },
      unreadable: { given, change: broken('vmur', 'li'), expected: failed('"vmur"') },
      ...ofText(given, 'spool file 0013'),
    }
  },
}

/** Every fault of a source that is a device, by what is wrong; none for one that is a server. */
export function faultsOf(leaf: Leaf, platform: string): readonly (readonly [fault: string, trial: Trial])[] {
  if (!Object.hasOwn(faults, leaf.kind)) return []
  const make = faults[leaf.kind as DeviceKind] as (leaf: Leaf, platform: string) => Faults
  return Object.entries(make(leaf, platform))
}
