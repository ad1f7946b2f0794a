/** Names of the stages, in the order in which a boot runs them. */
export const stageNames = ['fetch-offline', 'fetch', 'kargs', 'disks', 'mount', 'files', 'umount'] as const

export type StageName = (typeof stageNames)[number]

/** What a stage needs from the config's journey: a fresh fetch, or the cache that a fetch stage wrote. */
type ConfigOrigin = 'fetch' | 'fetch-offline' | 'cache'

/** The sections that a stage provisions, in order: the whole boot on one screen. */
export type SectionName =
  | 'kernel-arguments'
  | 'disks'
  | 'raid'
  | 'luks'
  | 'filesystems'
  | 'mounts'
  | 'unmounts'
  | 'accounts'
  | 'passwd'
  | 'files'
  | 'units'
  | 'luks-keys'
  | 'provider-files'
  | 'result'
  | 'host-report'
  | 'trace'
  | 'relabel'
  | 'completion'

export interface Stage {
  readonly config: ConfigOrigin
  readonly sections: readonly SectionName[]
  /** Before the stage's first change everything is proven that can be: in any case, or if it has something to do. */
  readonly proof?: 'always' | 'ifWanted'
  /** No stage after it asks for contents: what is staged goes. */
  readonly clearsStaged?: boolean
  /** After it, on a machine that is provisioned, nobody needs the secrets of config and state: they go. */
  readonly forgetsSecrets?: boolean
  /** With it everything is provisioned: whoever waits for the outcome is told. */
  readonly completes?: boolean
  /** Makes what a run after a power cut could not tell from somebody else's: it is written down before. */
  readonly journals?: boolean
  /** What the stage wrote below the new root is on disk before it says that it has passed. */
  readonly flushes?: boolean
  /** Provisioned when everything else of the stage is done, on disk and in the journal. */
  readonly afterwards?: readonly SectionName[]
}

export const stages: Readonly<Record<StageName, Stage>> = {
  'fetch-offline': { config: 'fetch-offline', sections: [] },
  fetch: { config: 'fetch', sections: [] },
  kargs: { config: 'cache', proof: 'ifWanted', sections: ['kernel-arguments'] },
  disks: {
    config: 'cache',
    proof: 'always',
    journals: true,
    sections: ['disks', 'raid', 'luks', 'filesystems'],
  },
  mount: { config: 'cache', journals: true, sections: ['mounts'] },
  files: {
    config: 'cache',
    journals: true,
    flushes: true,
    clearsStaged: true,
    completes: true,
    sections: [
      'accounts',
      'passwd',
      'files',
      'units',
      'luks-keys',
      'provider-files',
      'result',
      'host-report',
      'trace',
      'relabel',
    ],
    afterwards: ['completion'],
  },
  umount: {
    config: 'cache',
    journals: true,
    clearsStaged: true,
    forgetsSecrets: true,
    sections: ['unmounts', 'completion'],
  },
}

/** Whether a word names a stage. */
export const isStageName = (word: string): word is StageName => stageNames.some((name) => name === word)
