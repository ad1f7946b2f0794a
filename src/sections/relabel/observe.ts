import type { SectionContext } from '../../section.ts'
import { entriesOf } from '../files/entry.ts'
import { policyName, type RelabelFacts } from './plan.ts'

/** Files that the account tools write, with their backups, by directory. */
const accountFiles = /^(?:(?:passwd|group|shadow|gshadow|subuid|subgid).*|\.pwd\.lock)$/

/** Which policy the new root has, and what in it may have a wrong label. */
export function observeRelabel(context: SectionContext): RelabelFacts {
  const fileContexts = fileContextsOf(context)
  if (fileContexts === undefined) return { kind: 'noPolicy' }
  const { files } = context.system
  const paths = [...context.written, ...configuredPaths(context), ...accountPaths(context)]
  return { kind: 'policy', fileContexts, paths: paths.filter((path) => files.lstat(path) !== undefined) }
}

/** The file contexts of the policy that /etc/selinux/config names; undefined on a root without SELinux. */
export function fileContextsOf({
  sysroot,
  system,
}: Pick<SectionContext, 'sysroot' | 'system'>): string | undefined {
  const config = sysroot.follow('/etc/selinux/config')
  if (system.files.stat(config)?.type !== 'file') return undefined
  const policy = policyName(system.files.readText(config))
  if (policy === undefined) return undefined
  const fileContexts = sysroot.follow(`/etc/selinux/${policy}/contexts/files/file_contexts`)
  return system.files.stat(fileContexts)?.type === 'file' ? fileContexts : undefined
}

/** Also what needed no step: an earlier run may have ended before its labels were set. */
function configuredPaths({ config, sysroot }: SectionContext): readonly string[] {
  return entriesOf(config.storage).map(({ node }) => sysroot.resolve(node.path))
}

function accountPaths({ config, sysroot, system }: SectionContext): readonly string[] {
  const { users, groups } = config.passwd
  if (users.length === 0 && groups.length === 0) return []
  const etc = sysroot.follow('/etc')
  const names = system.files.stat(etc)?.type === 'directory' ? system.files.list(etc) : []
  const homes = users
    .filter(({ noCreateHome, shouldExist }) => noCreateHome !== true && shouldExist !== false)
    .map(({ name }) => sysroot.user(name)?.home)
    .filter((home) => home?.startsWith('/') === true && sysroot.follow(home) !== sysroot.follow('/'))
  return [
    ...names.filter((name) => accountFiles.test(name)).map((name) => `${etc}/${name}`),
    ...homes.map((home) => sysroot.follow(home ?? '')),
  ]
}
