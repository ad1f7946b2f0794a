import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { files } from '../../src/sections/files/index.ts'
import type { Config } from '../../src/spec/config.ts'
import type { Sketch } from '../helpers/config-of.ts'
import { realSystem } from '../helpers/real-system.ts'
import { failureOf, provision, stage } from '../helpers/stage.ts'

// Runs in a mount namespace of its own: `unshare -m node files-section.child.ts CASE SCRATCH`.

const { system } = realSystem()
const [name = '', scratch = ''] = process.argv.slice(2)
const root = join(scratch, 'sysroot')

interface Case {
  /** Mounts what the case needs; returns the directory that is looked at afterwards. */
  readonly prepare: () => string
  readonly storage: Sketch<Config['storage']>
}

const directory = (path: string) => {
  mkdirSync(join(scratch, path), { recursive: true })
  return join(scratch, path)
}

const mountSmall = (flags: readonly 'ro'[] = []) => {
  const target = directory('sysroot/var')
  system.mount({ source: 'small', target, type: 'tmpfs', flags, data: 'size=64k' })
  return target
}

const mountedInside = (mount: (target: string) => void) => () => {
  const target = directory('sysroot/data/sub/mnt')
  mount(target)
  writeFileSync(join(target, 'precious'), '')
  return target
}

const big = { files: [{ path: '/var/big', contents: { source: 'http://host/big' } }] }
const overwritten = { directories: [{ path: '/data', overwrite: true }] }

const cases: Readonly<Record<string, Case>> = {
  full: { prepare: mountSmall, storage: big },
  readOnly: { prepare: () => mountSmall(['ro']), storage: big },
  tmpfs: {
    prepare: mountedInside((target) =>
      system.mount({ source: 'other', target, type: 'tmpfs', flags: [], data: '' }),
    ),
    storage: overwritten,
  },
  bind: {
    prepare: mountedInside((target) =>
      system.mount({ source: directory('elsewhere'), target, type: '', flags: ['bind'], data: '' }),
    ),
    storage: overwritten,
  },
}

const chosen = cases[name]
if (!chosen) throw new Error(`no case named "${name}"`)
const place = chosen.prepare()
const resources = { 'http://host/big': Array.from({ length: 10 }, () => 'x'.repeat(16_384)) }
const context = stage({ system, config: { storage: chosen.storage }, root, resources })
const failure = await failureOf(() => provision(context, files))
process.stdout.write(JSON.stringify({ ...failure, left: readdirSync(place) }))
