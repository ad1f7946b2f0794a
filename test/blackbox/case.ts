import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { newestVersion, versions } from '../../src/spec/versions.ts'

/** A file, directory or link below the top of a filesystem. The owner is 0 when absent, the mode is not checked. */
export interface Entry {
  readonly Name?: string
  readonly Directory?: string
  readonly Mode?: number
  readonly User?: number
  readonly Group?: number
}

interface FileEntry extends Entry {
  readonly Contents?: string
}

export interface LinkEntry extends Entry {
  readonly Target: string
  readonly Hard?: boolean
}

/** The entries that a partition's filesystem holds. */
export interface Tree {
  readonly Files?: readonly FileEntry[]
  readonly Directories?: readonly Entry[]
  readonly Links?: readonly LinkEntry[]
  readonly RemovedNodes?: readonly Entry[]
}

/** What libblkid says of a device, and what the filesystem on it holds. */
interface Filesystem extends Tree {
  readonly FilesystemType?: string
  readonly FilesystemLabel?: string
  readonly FilesystemUUID?: string
  readonly Ambivalent?: boolean
}

/** A device made of others, expected after: an array, a decrypted volume. */
export interface Volume extends Filesystem {
  readonly Path: string
}

export interface Partition extends Filesystem {
  readonly Number?: number
  readonly Label?: string
  readonly TypeCode?: string
  readonly TypeGUID?: string
  readonly GUID?: string
  /** In 512-byte sectors, before alignment. */
  readonly Length: number
  readonly Hybrid?: boolean
  /** Base64 of bzip2. */
  readonly FilesystemImage?: string
}

export interface Disk {
  /** In 512-byte sectors. */
  readonly Alignment: number
  readonly Partitions?: readonly Partition[]
  readonly CorruptTable?: boolean
}

/** Disks before, a config, disks after. The names of the fields are those of the recorded cases, but for the marked ones. */
export interface Case {
  readonly Name: string
  readonly Kind: 'positive' | 'negative'
  readonly In: readonly Disk[]
  readonly Out: readonly Disk[]
  /** Ours. */
  readonly Volumes?: readonly Volume[]
  /** Ours: a text that the stage which fails must print, so that a negative case fails for its own reason. */
  readonly Says?: string
  readonly Config: string
  readonly ConfigMinVersion?: string
  readonly ConfigMaxVersion?: string
  readonly ConfigVersion?: string
  readonly MntDevices?: readonly { readonly Label: string; readonly Substitution: string }[]
  readonly Env?: readonly string[]
  readonly SystemDirFiles?: readonly FileEntry[]
  readonly SystemRuntimeDirFiles?: readonly FileEntry[]
  readonly SystemLocalDirFiles?: readonly FileEntry[]
  readonly SkipCriticalCheck?: boolean
}

const project = join(import.meta.dirname, '..', '..')

/** The project's own cases, then the recorded ones where they are present, each at its oldest spec version. */
export function loadCases(): Case[] {
  const folder = join(project, 'fixtures', 'disks')
  const names = existsSync(folder) ? readdirSync(folder).sort() : []
  const own = names
    .map((name) => join(folder, name, 'case.json'))
    .filter((path) => existsSync(path))
    .map((path) => JSON.parse(readFileSync(path, 'utf8')) as Case)
  const recorded = join(project, '..', 'shared', 'conformance', 'blackbox-cases.json')
  return existsSync(recorded) ? [...own, ...(JSON.parse(readFileSync(recorded, 'utf8')) as Case[])] : own
}

/** The case once for every spec version that it must hold for. */
export function atEveryVersion(one: Case): Case[] {
  const { ConfigVersion, ConfigMinVersion, ConfigMaxVersion } = one
  const known: readonly string[] = versions
  const from = known.indexOf(ConfigMinVersion ?? '')
  if (ConfigVersion === undefined || from < 0) return [one]
  const to = known.indexOf(ConfigMaxVersion ?? newestVersion)
  return known.slice(from, to + 1).map((version) => ({
    ...one,
    Name: one.Name.replace(/ \S*$/, ` ${version}`),
    Config: one.Config.replace(/("version"\s*:\s*")([^"]*)"/, (whole, head: string, declared: string) =>
      declared === ConfigVersion ? `${head}${version}"` : whole,
    ),
  }))
}
