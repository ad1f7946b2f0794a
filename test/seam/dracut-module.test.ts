import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { scratchDirectory } from '../helpers/scratch.ts'

const folder = join(import.meta.dirname, '../../dracut/30firstlight')
const units = 'usr/lib/systemd/system'

/** dracut's own functions, as far as the module calls them: they note what they are asked for. */
const dracut = `
note() { printf '%s\\n' "$*" >> "$initdir/notes"; }
inst_binary() { note binary "$@"; }
inst_simple() { mkdir -p "$initdir\${2%/*}"; cp "$1" "$initdir$2"; }
inst_script() { inst_simple "$@"; }
inst_multiple() { note several "$@"; }
inst_libdir_file() { note library "$@"; }
inst_rules() { note rules "$@"; }
instmods() { note modules "$@"; }
dfatal() { echo "$*" >&2; }
. "$moddir/module-setup.sh"
install
installkernel
`

/** Runs the module's part of dracut into a folder. */
function install(settings: Readonly<Record<string, string>>) {
  const image = scratchDirectory()
  mkdirSync(join(image, 'usr/bin'), { recursive: true })
  const { status, stderr } = spawnSync('bash', ['--norc', '-c', dracut], {
    encoding: 'utf8',
    // with a socket there bash takes itself for a remote shell
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'] ?? '',
      initdir: image,
      moddir: folder,
      systemdsystemunitdir: `/${units}`,
      systemdutildir: '/usr/lib/systemd',
      // any program that is linked to something
      firstlight_executable: '/bin/ls',
      ...settings,
    },
  })
  const read = (path: string) => readFileSync(join(image, path), 'utf8')
  return { status, stderr, image, read, notes: existsSync(join(image, 'notes')) ? read('notes') : '' }
}

const onDisk = {
  firstlight_device: '/dev/disk/by-label/USR',
  firstlight_path: '/lib/firstlight/firstlight',
  firstlight_filesystem: 'erofs',
}

describe('the dracut module', () => {
  test('puts the program into the image', () => {
    const { status, stderr, notes, image } = install({})
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(notes).toContain('binary /bin/ls /usr/bin/ignition\n')
    expect(readlinkSync(join(image, 'usr/bin/firstlight'))).toBe('ignition')
    expect(readdirSync(join(image, units)).filter((name) => /program/.test(name))).toEqual([])
  })

  test('leaves it on a filesystem that the units which start it mount', () => {
    const { status, stderr, notes, image, read } = install(onDisk)
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(notes).not.toContain('binary')
    expect(notes).toMatch(/^several .*\/libc\.so\.6/m)
    expect(notes).toContain('modules -o erofs\n')
    const program = '/run/firstlight/program/lib/firstlight/firstlight'
    expect(readlinkSync(join(image, 'usr/bin/ignition'))).toBe(program)
    expect(readlinkSync(join(image, 'usr/bin/firstlight'))).toBe('ignition')
    const mount = read(`${units}/run-firstlight-program.mount`)
    expect(mount).toContain(
      'What=/dev/disk/by-label/USR\nWhere=/run/firstlight/program\nType=erofs\nOptions=ro,',
    )
    const starting = readdirSync(join(image, units))
      .filter((name) => name.endsWith('.service'))
      .filter((name) =>
        /^Exec\w+=\S*\/(firstlight-stage|firstlight|ignition) /m.test(read(`${units}/${name}`)),
      )
    expect(starting.length).toBe(7)
    for (const name of starting)
      expect(read(`${units}/${name}.d/10-program.conf`)).toBe(
        '[Unit]\nRequires=run-firstlight-program.mount\nAfter=run-firstlight-program.mount\n',
      )
  })

  test.each([
    ['a label alone', { firstlight_device: 'LABEL=USR' }],
    ['no path', { firstlight_path: '' }],
    ['no type', { firstlight_filesystem: '' }],
  ])('ends dracut when it is told %s', (_, wrong) => {
    const { status, stderr } = install({ ...onDisk, ...wrong })
    expect(status).toBe(1)
    expect(stderr).toContain('firstlight_device=')
  })
})
