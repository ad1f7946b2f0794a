import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runInGuest } from '../../build/lab/guest.ts'
import { scratchDirectory } from '../helpers/scratch.ts'

async function inGuest(script: string, timeoutSeconds = 120) {
  const said = { stdout: '', stderr: '' }
  const exitCode = await runInGuest({
    command: ['sh', '-c', script],
    folder: '/',
    timeoutSeconds,
    onOutput: (stream, bytes) => {
      said[stream] += bytes.toString()
    },
  })
  return { exitCode, ...said }
}

test('output, errors and exit code of a command come back as they were', async () => {
  const ended = await inGuest(`printf 'one\\ntwo'; echo "it's" >&2; exit 7`)
  expect(ended).toEqual({ exitCode: 7, stdout: 'one\ntwo', stderr: "it's\n" })
})

test('nothing that the guest writes reaches this machine', async () => {
  const folder = scratchDirectory()
  const [plain, direct] = [join(folder, 'plain'), join(folder, 'direct')]
  // the second way around the overlay: the machine's files mounted once more, writable as far as the guest knows
  const { stdout, stderr } = await inGuest(`
    echo guest > ${plain} && cat ${plain}
    mkdir /run/host && mount -t hostfs -o / host /run/host && ls -d /run/host${folder}
    echo guest > /run/host${direct} || echo refused`)
  expect(stdout).toBe(`guest\n/run/host${folder}\nrefused\n`)
  expect(stderr).toContain('Read-only file system')
  expect([plain, direct].filter((path) => existsSync(path))).toEqual([])
})

test('a partition of a loop device has its links, and the modules of every kind of volume are there', async () => {
  const { exitCode, stdout, stderr } = await inGuest(`
    set -e
    truncate --size 64M /run/disk
    sgdisk --new=1:0:+32M --change-name=1:part /run/disk >/run/log
    device=$(losetup --partscan --find --show /run/disk)
    mkfs.ext4 -q -L label "$device"p1
    udevadm trigger --settle "$device"p1
    readlink -f /dev/disk/by-label/label /dev/disk/by-partlabel/part
    cut -d' ' -f1 /proc/modules | grep -Ex 'dm_crypt|raid1|vfat' | sort
    dmsetup targets | grep -c crypt`)
  expect({ exitCode, stdout, stderr }).toEqual({
    exitCode: 0,
    stdout: '/dev/loop0p1\n/dev/loop0p1\ndm_crypt\nraid1\nvfat\n1\n',
    stderr: '',
  })
})

test('a command that does not end is stopped, and the error shows the console', async () => {
  await expect(inGuest('sleep 1000', 8)).rejects.toThrow(/was stopped after 8 s.*console ends with/s)
})
