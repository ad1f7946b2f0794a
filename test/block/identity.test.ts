import { expect, test } from 'vitest'
import { extentIdentity, identityOf } from '../../src/block/identity.ts'
import { fakeSystem } from '../helpers/fake-system.ts'

const pci = '/sys/devices/pci0000:00/0000:00:05.0/ata1'

const { files } = fakeSystem({
  files: {
    [`${pci}/block/sda/size`]: '2048\n',
    [`${pci}/block/sda/sda1/partition`]: '1\n',
    [`${pci}/block/sda/sda1/start`]: '64\n',
    [`${pci}/block/sda/sda1/size`]: '128\n',
    '/sys/class/block/sda': { link: `${pci}/block/sda` },
    '/sys/class/block/sda1': { link: `${pci}/block/sda/sda1` },
    '/sys/class/block/vda/serial': 'one\n',
    '/sys/class/block/vda/size': '4096\n',
    '/sys/class/block/md127/slaves/vda': '',
    '/sys/class/block/md127/slaves/sda1': '',
    '/sys/class/block/md127/size': '99\n',
    '/sys/class/block/dm-0/slaves/md127': '',
  },
})

test.each([
  ['/dev/vda', 'serial:one/4096'],
  ['/dev/sda', `${pci}/2048`],
  ['/dev/sda1', `${pci}/2048@64+128`],
  ['/dev/md127', `[${pci}/2048@64+128 serial:one/4096]`],
  ['/dev/dm-0', `[[${pci}/2048@64+128 serial:one/4096]]`],
  ['/dev/unknown', '/dev/unknown'],
])('%s is known by what it is', (node, identity) => {
  expect(identityOf(files, node)).toBe(identity)
})

test('a partition that is not there yet has the identity that it will have', () => {
  const place = { disk: '/dev/sda', startBytes: 64 * 512, sizeBytes: 128 * 512 }
  expect(extentIdentity(files, place)).toBe(identityOf(files, '/dev/sda1'))
})
