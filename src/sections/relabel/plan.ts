/** What relabelling needs to know about the new root. */
export type RelabelFacts =
  | { readonly kind: 'noPolicy' }
  | {
      readonly kind: 'policy'
      /** Path of the policy's file contexts on the machine. */
      readonly fileContexts: string
      /** Absolute paths on the machine that exist. */
      readonly paths: readonly string[]
    }

export interface RelabelStep {
  readonly fileContexts: string
  /** In byte order, each once. */
  readonly paths: readonly string[]
}

/** One run for all paths; nothing without a policy. */
export function planRelabel(facts: RelabelFacts): readonly RelabelStep[] {
  if (facts.kind === 'noPolicy' || facts.paths.length === 0) return []
  return [{ fileContexts: facts.fileContexts, paths: [...new Set(facts.paths)].toSorted() }]
}

/** The name that `SELINUXTYPE=` gives in /etc/selinux/config. */
export function policyName(config: string): string | undefined {
  const line = config
    .split('\n')
    .map((text) => text.trim())
    .find((text) => text.startsWith('SELINUXTYPE='))
  return line?.slice('SELINUXTYPE='.length).trim() || undefined
}
