import { expect, test } from 'vitest'
import {
  mountPointOf,
  mountPointsBelow,
  parseMountInfo,
  readMountTable,
} from '../../src/system/mount-table.ts'
import { fakeSystem } from '../helpers/fake-system.ts'

const text = `21 1 8:4 / / rw,relatime shared:1 - ext4 /dev/sda4 rw
22 21 0:5 / /sysroot rw - xfs /dev/sda5 rw
23 22 0:6 / /sysroot/with\\040space rw,noatime shared:2 master:3 - virtiofs my\\040tag rw
24 22 0:5 /sub /sysroot/a/bind rw - xfs /dev/sda5 rw
`
const table = parseMountInfo(text)

test('the lines of mountinfo', () => {
  expect(table).toEqual([
    { path: '/', source: '/dev/sda4', type: 'ext4', deviceNumber: '8:4' },
    { path: '/sysroot', source: '/dev/sda5', type: 'xfs', deviceNumber: '0:5' },
    { path: '/sysroot/with space', source: 'my tag', type: 'virtiofs', deviceNumber: '0:6' },
    { path: '/sysroot/a/bind', source: '/dev/sda5', type: 'xfs', deviceNumber: '0:5' },
  ])
})

test('the mount point that holds a path', () => {
  const paths = [
    '/etc',
    '/sysroot',
    '/sysroot/etc/x',
    '/sysroot/with space/x',
    '/sysroot/with spaces',
    '/sysrootx',
  ]
  expect(paths.map((path) => mountPointOf(table, path)?.path)).toEqual([
    '/',
    '/sysroot',
    '/sysroot',
    '/sysroot/with space',
    '/sysroot',
    '/',
  ])
})

test('the mount points at or below a path', () => {
  const paths = ['/sysroot/a', '/sysroot/a/bind', '/sysroot/a/bind/x', '/sysroot/ab', '/']
  expect(paths.map((path) => mountPointsBelow(table, path).length)).toEqual([1, 1, 0, 0, 4])
  expect(mountPointsBelow(table, '/sysroot').map(({ path }) => path)).toEqual([
    '/sysroot',
    '/sysroot/with space',
    '/sysroot/a/bind',
  ])
})

test('empty where /proc is not mounted', () => {
  expect(readMountTable(fakeSystem().files)).toEqual([])
  expect(readMountTable(fakeSystem({ files: { '/proc/self/mountinfo': text } }).files)).toEqual(table)
})
