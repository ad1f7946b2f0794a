import { files } from '../../src/sections/files/index.ts'
import type { Config } from '../../src/spec/config.ts'
import type { Sketch } from './config-of.ts'
import { type FakeOptions, fakeSystem } from './fake-system.ts'
import { provision, type StageOptions, stage } from './stage.ts'

export type Storage = Sketch<Config['storage']>

export type Tree = NonNullable<FakeOptions['files']>

/** A new root in memory with a tree, and the files section of a config to run on it. */
export const setUp = (tree: Tree, storage: Storage, rest: Partial<StageOptions> = {}) => {
  const system = fakeSystem({ files: tree })
  const context = stage({ system, config: { storage }, ...rest })
  const text = (path: string) => system.files.readText(path)
  const mode = (path: string) => system.files.lstat(path)?.mode.toString(8)
  return { system, context, text, mode, run: () => provision(context, files) }
}
