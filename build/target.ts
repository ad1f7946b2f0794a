import { existsSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { cached, checkout, digest, type Progress } from './cache.ts'
import { unpackDebian } from './debian.ts'
import { ensurePackages } from './packages.ts'
import { run } from './run.ts'

/** A processor to build for. */
export interface Target {
  readonly architecture: Architecture
  /** The published Node that becomes the executable. */
  readonly node: string
  /** How that Node is started here: itself, or an emulator with it. */
  readonly start: readonly [string, ...string[]]
  /** Where the executable goes. */
  readonly directory: string
}

/** Processors of machines that Node is published for, by Node's names. */
export const architectures = ['x64', 'arm64'] as const

type Architecture = (typeof architectures)[number]

/** What another processor takes besides this machine: the emulator of user programs, and Debian's name for it. */
const foreign = {
  x64: { emulator: 'qemu-x86_64', debian: 'amd64' },
  arm64: { emulator: 'qemu-aarch64', debian: 'arm64' },
} as const

/**
 * The target for an architecture: this machine's own, or one whose Node comes from npm and runs under QEMU's emulation
 * of user programs. Throws an Error when a part of it cannot be had.
 */
export async function targetFor(architecture: Architecture, progress: Progress): Promise<Target> {
  const dist = join(checkout, 'dist')
  if (architecture === process.arch)
    return { architecture, node: process.execPath, start: [process.execPath], directory: dist }
  const { emulator } = foreign[architecture]
  ensurePackages(['debian-archive-keyring', 'mmdebstrap', emulator])
  const node = await publishedNode(architecture, progress)
  const libraries = await libraryTree(architecture, progress)
  return { architecture, node, start: [emulator, '-L', libraries, node], directory: join(dist, architecture) }
}

/** The same version of Node as this one, from the npm package of the other architecture; npm checks its hash. */
async function publishedNode(architecture: Architecture, progress: Progress): Promise<string> {
  const wanted = `node-linux-${architecture}@${process.versions.node}`
  const folder = await cached({
    name: `node-${architecture}`,
    key: digest(wanted),
    async build(output) {
      progress(`fetching ${wanted} from the npm registry`)
      await run('npm', ['pack', '--silent', '--pack-destination', output, wanted])
      const archive = join(output, `node-linux-${architecture}-${process.versions.node}.tgz`)
      await run('tar', ['-xzf', archive, '-C', output, '--strip-components=2', 'package/bin/node'])
    },
  })
  return join(folder, 'node')
}

/** What the published Node is linked to. */
const libraries = ['libc6', 'libstdc++6', 'libatomic1']

/** A folder with these libraries for the other architecture, unpacked and never run. */
async function libraryTree(architecture: Architecture, progress: Progress): Promise<string> {
  return extractedTree({ architecture, packages: libraries, progress })
}

interface ExtractedTree {
  readonly architecture: Architecture
  readonly packages: readonly string[]
  readonly progress: Progress
}

/** Packages of Debian 13 for another architecture, with all that they depend on, unpacked into a folder: none of their scripts has run. */
export async function extractedTree({ architecture, packages, progress }: ExtractedTree): Promise<string> {
  const { debian } = foreign[architecture]
  const folder = await cached({
    name: `packages-${architecture}`,
    key: digest(...packages),
    async build(output) {
      progress(`unpacking Debian packages for ${architecture}: ${packages.join(' ')}`)
      const tree = join(output, 'tree')
      await unpackDebian(tree, {
        packages,
        options: ['--variant=extract', `--architectures=${debian}`],
        keyring: '/usr/share/keyrings/debian-archive-keyring.gpg',
      })
      for (const name of ['lib', 'bin', 'sbin'])
        if (!existsSync(join(tree, name))) symlinkSync(`usr/${name}`, join(tree, name))
    },
  })
  return join(folder, 'tree')
}
