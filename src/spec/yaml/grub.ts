import { embed } from './embed.ts'
import type { Expansion } from './expansion.ts'
import { overlay } from './overlay.ts'
import { at, type Branch, branchesAt, grow, textAt, withMembers } from './tree.ts'

/** Where GRUB of CoreOS systems looks for settings of the user. */
const userConfig = '/boot/grub2/user.cfg'

/** GRUB's own language would see more than a word in anything else. */
const word = /^[^\s"'`\\$;|&<>{}()#]+$/

const encoder = new TextEncoder()

/** Writes the superusers of GRUB into its config on the boot filesystem. */
export function addGrubUsers(config: Branch, expansion: Expansion): Branch {
  const users = branchesAt(config, 'grub', 'users')
  const bare = withMembers(config, { grub: undefined })
  const from = at(config, 'grub', 'users')?.from
  if (from === undefined || users.length === 0) return bare
  if (!users.every((user) => isRight(user, expansion))) return bare
  const names = users.map((user) => textAt(user, 'name') ?? '')
  const lines = users.map((user) => `password_pbkdf2 ${textAt(user, 'name')} ${textAt(user, 'passwordHash')}`)
  const text = ['# Made by Firstlight', '', `set superusers="${names.join(' ')}"`, ...lines, ''].join('\n')
  const { source, compression } = embed(encoder.encode(text), expansion, false)
  // the machine config of OpenShift knows no appending
  const contents =
    expansion.variant.name === 'openshift'
      ? { contents: { compression, source } }
      : { append: [{ compression, source }] }
  const storage = {
    filesystems: [{ device: '/dev/disk/by-label/boot', format: 'ext4', path: '/boot' }],
    files: [{ path: userConfig, ...contents }],
  }
  return overlay(grow({ storage }, from), bare)
}

function isRight(user: Branch, { findings }: Expansion): boolean {
  for (const [name, key] of [
    ['name', 'name'],
    ['passwordHash', 'password_hash'],
  ] as const) {
    const text = textAt(user, name) ?? ''
    if (word.test(text)) continue
    const reason =
      text === '' ? `${key} is needed` : `${key} has a blank or a character that means something to GRUB`
    findings.add('BU-GRUB', (at(user, name) ?? user).from, reason)
    return false
  }
  return true
}
