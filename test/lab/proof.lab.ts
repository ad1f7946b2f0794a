import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loopDisk, sh } from './loop.ts'
import { type Case, cases, type Scene } from './proof-cases.ts'
import { boot, startServer } from './proof-machine.ts'

const server = startServer()

/** Two disks of the same kind, each with an ext4 in a partition. */
async function setScene(): Promise<Scene> {
  const disk = () => {
    const device = loopDisk({ sizeMiB: 16 })
    sh('sgdisk', '--new=1:2048:+20480', '--change-name=1:old', device)
    sh('udevadm', 'settle')
    sh('mkfs.ext4', '-q', `${device}p1`)
    return device
  }
  return { url: (await server).url, disk: disk(), other: disk() }
}

/** Everything on the disks, as it is on the disks. */
function contents({ disk, other }: Scene): string {
  sh('udevadm', 'settle')
  sh('sync')
  sh('blockdev', '--flushbufs', disk, other)
  return sh('sha256sum', disk, other)
}

const commits = (messages: readonly string[]) =>
  messages.filter((message) => message.includes('commit point:'))

interface Taken {
  readonly scene: Scene
  readonly before: string
}

/** For cases that need nothing special: what leaves the disks as they were leaves them to the next. */
let shared: Taken | undefined

async function take(): Promise<Taken> {
  const scene = await setScene()
  return { scene, before: contents(scene) }
}

async function failing({ config, prepare, says, ...rest }: Case): Promise<void> {
  let undo: (() => void) | undefined
  try {
    shared ??= await take()
    const { scene } = prepare ? { scene: await setScene() } : shared
    undo = prepare?.(scene)
    const before = prepare ? contents(scene) : shared.before
    const { failure, messages } = await boot({ ...rest, config: config(scene) })
    assert.match(failure ?? 'every stage passed', says)
    assert.equal(contents(scene), before)
    assert.deepEqual(commits(messages), [])
  } catch (error) {
    shared = undefined
    throw error
  } finally {
    undo?.()
  }
}

for (const [name, one] of Object.entries(cases))
  void test(`${name}: found before the commit point, and the disks are as they were`, async () =>
    failing(one))

void test('one changed byte is noticed', async () => {
  const here = await setScene()
  const before = contents(here)
  sh('bash', '-c', `printf x | dd of=${here.other} bs=1 seek=12000000 conv=notrunc status=none`)
  assert.notEqual(contents(here), before)
})

void test('a config that can be carried out is: the disks change after the commit point, contents are there', async () => {
  const here = await setScene()
  const { url, asked } = await server
  const before = contents(here)
  const hits = asked.length
  const root = '/run/new-root'
  sh('mkdir', '-p', root)
  const config = {
    kernelArguments: { shouldExist: ['quiet'] },
    storage: {
      disks: [{ device: here.disk, wipeTable: true, partitions: [{ number: 1, label: 'fine' }] }],
      filesystems: [
        { device: '/dev/disk/by-partlabel/fine', format: 'ext4', wipeFilesystem: true, path: '/data' },
      ],
      files: [
        { path: '/data/good', contents: { source: `${url}/good` } },
        { path: '/packed', contents: { source: `${url}/packed`, compression: 'gzip' } },
        { path: '/large', contents: { source: `${url}/large` } },
      ],
    },
  }
  const { failure, messages, run } = await boot({
    config,
    root,
    scripts: { 'ignition-kargs-helper': '#!/bin/sh\nexit 0\n' },
    commandLine: 'firstlight.staging_limit=1M',
  })
  assert.equal(failure, undefined)
  assert.notEqual(contents(here), before)
  const [commit] = commits(messages)
  assert.match(
    commit ?? '',
    /everything that can be known is proven, 2 resources staged \(26 B\), 1 unknown$/,
  )
  const place = (text: string) => messages.findIndex((message) => message.includes(text))
  assert.ok(place('commit point') < place('updating kernel arguments'))
  await run('disks')
  assert.equal(commits(messages).length, 1)
  await run('mount')
  await run('files')
  assert.equal(sh('cat', `${root}/data/good`, `${root}/packed`), 'good contentsgood contents')
  assert.equal(sh('stat', '-c', '%s', `${root}/large`), String(3 * 1024 * 1024))
  const counted = (path: string) => asked.slice(hits).filter((one) => one === path).length
  assert.deepEqual(['/good', '/packed', '/large'].map(counted), [1, 1, 2])
  await run('umount')
})

void test('firstlight.proof=off is the order of the reference: the disk is gone when the file is missed', async () => {
  const here = await setScene()
  const { url } = await server
  const before = contents(here)
  const config = {
    storage: {
      disks: [{ device: here.disk, wipeTable: true, partitions: [{ number: 1 }] }],
      files: [{ path: '/file', contents: { source: `${url}/missing` } }],
    },
  }
  const { failure, messages, run } = await boot({ config, commandLine: 'firstlight.proof=off' })
  assert.equal(failure, undefined)
  assert.notEqual(contents(here), before)
  assert.deepEqual(commits(messages), [])
  await assert.rejects(run('files'), /404/)
})
