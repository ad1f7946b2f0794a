import { mkdirSync, mkdtempSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { TestContext } from 'node:test'
import { sh } from './loop.ts'

/** Path → contents; `{ link }` is a symbolic link, `fifo` what its name says. */
export type Tree = Readonly<
  Record<string, string | Uint8Array | { readonly link: string } | { readonly fifo: true }>
>

interface Medium {
  readonly label: string
  readonly tree: Tree
}

/** Makes an image of a medium and returns its path. */
export type Make = (medium: Medium) => string

const scratch = (): string => mkdtempSync('/tmp/medium-')

function unpack(tree: Tree): string {
  const directory = scratch()
  for (const [name, content] of Object.entries(tree)) {
    const path = join(directory, name)
    mkdirSync(dirname(path), { recursive: true })
    if (typeof content === 'string' || content instanceof Uint8Array) writeFileSync(path, content)
    else if ('link' in content) symlinkSync(content.link, path)
    else sh('mkfifo', path)
  }
  return directory
}

/** ISO 9660 with Rock Ridge and Joliet, as clouds make it. */
export const iso: Make = ({ label, tree }) => discImage(label, tree, [])

/** The same, and UDF on it: Azure's disc. */
export const udf: Make = ({ label, tree }) => discImage(label, tree, ['-udf'])

function discImage(label: string, tree: Tree, options: readonly string[]): string {
  const file = join(scratch(), 'disc.iso')
  sh('genisoimage', '-quiet', ...options, '-V', label, '-J', '-r', '-o', file, unpack(tree))
  return file
}

export const vfat: Make = ({ label, tree }) => {
  const file = join(scratch(), 'stick')
  writeFileSync(file, '')
  truncateSync(file, 8 * 1024 * 1024)
  sh('mkfs.vfat', '-n', label, file)
  const directory = unpack(tree)
  for (const name of new Set(Object.keys(tree).map((path) => path.split('/')[1] ?? '')))
    sh('mcopy', '-s', '-i', file, join(directory, name), '::')
  return file
}

export const ext4: Make = ({ label, tree }) => {
  const file = join(scratch(), 'disk')
  sh('mke2fs', '-q', '-t', 'ext4', '-L', label, '-d', unpack(tree), file, '8M')
  return file
}

/** Plugs an image in, read-only, until the test is over. The device. */
export function plugIn(context: TestContext, file: string): string {
  const device = sh('losetup', '--find', '--show', '--read-only', file)
  context.after(() => {
    sh('losetup', '--detach', device)
    sh('udevadm', 'settle')
  })
  sh('udevadm', 'trigger', '--settle', device)
  return device
}
