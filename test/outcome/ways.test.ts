import { expect, test } from 'vitest'
import { readReportWays } from '../../src/outcome/ways.ts'
import { fakeSystem } from '../helpers/fake-system.ts'

const defaults = {
  file: true,
  journal: true,
  port: 'org.firstlight.report',
  url: undefined,
  azure: 'failure',
  kvp: true,
  packet: true,
}

const ways = (commandLine: string, files: Readonly<Record<string, string>> = {}) => {
  const system = fakeSystem({ files: { '/proc/cmdline': commandLine, ...files } })
  return { read: readReportWays(system), warnings: system.messages.map(({ message }) => message) }
}

test.each([
  ['quiet', {}],
  ['firstlight.report_url=https://example.com/r', { url: 'https://example.com/r' }],
  ['firstlight.report_url=https://example.com/r firstlight.report_url=none', {}],
  ['firstlight.report_file=no firstlight.report_journal=off', { file: false, journal: false }],
  [
    'firstlight.report_port=no firstlight.report_kvp=0 firstlight.report_packet=no',
    { port: undefined, kvp: false, packet: false },
  ],
  ['firstlight.report_port=com.example.out', { port: 'com.example.out' }],
  ['firstlight.report_azure=all', { azure: 'all' }],
  ['firstlight.report_azure=none', { azure: 'none' }],
])('%s', (commandLine, expected) => {
  expect(ways(commandLine)).toEqual({ read: { ...defaults, ...expected }, warnings: [] })
})

test.each([
  'firstlight.report_url=ftp://user:correct-horse@example.com/r',
  'firstlight.report_url=',
  'firstlight.report_file=perhaps',
  'firstlight.report_port=../../etc/passwd',
  'firstlight.report_azure=ready',
])('%s is not understood, says nothing, and is not shown', (commandLine) => {
  const { read, warnings } = ways(commandLine)
  expect(read).toEqual(defaults)
  expect(warnings).toEqual([
    expect.stringMatching(/^the value of "report_\w+" is not understood and ignored$/),
  ])
})

test('drop-ins of the image count in the order of their names, and less than the kernel command line', () => {
  const { read } = ways('firstlight.report_journal=yes', {
    '/usr/lib/firstlight/report.d/90-vendor.conf':
      '# a word\nurl = https://example.com/vendor\njournal=no\nkvp=no\n',
    '/etc/firstlight/report.d/10-own.conf': 'url=https://example.com/own\n\nnothing\n',
    '/etc/firstlight/report.d/20-own.conf': 'kvp=yes',
    '/etc/firstlight/report.d/30-own.conf.bak': 'file=no',
  })
  expect(read).toEqual({ ...defaults, url: 'https://example.com/own' })
})
