import { beforeAll, describe, expect, test } from 'vitest'
import { boot } from './machine/boot.ts'
import { createCloud } from './machine/cloud.ts'
import { type Machine, prepareMachine } from './machine/machine.ts'
import { provisioningUnits, say, withDisk } from './machine/scenario.ts'

const marker = '/etc/from-the-cloud'

const configFor = (platform: string) =>
  JSON.stringify({
    ignition: { version: '3.4.0' },
    storage: { files: [{ path: marker, mode: 0o600, contents: { source: `data:,${platform}` } }] },
  })

describe('a machine in a cloud asks the metadata service at its real address', () => {
  let machine: Machine

  beforeAll(async () => {
    machine = await prepareMachine(say)
  })

  test.each([
    [
      'aws',
      [
        'PUT http://169.254.169.254/latest/api/token 200',
        'GET http://169.254.169.254/2019-10-01/user-data 200',
      ],
    ],
    ['gcp', ['GET http://169.254.169.254/computeMetadata/v1/instance/attributes/user-data 200']],
    [
      'azure',
      [
        'GET http://169.254.169.254/metadata/instance/compute/userData?api-version=2021-01-01&format=text 200',
      ],
    ],
  ])('%s', async (platform, requests) => {
    await withDisk(machine, async (disk) => {
      using cloud = createCloud(platform, configFor(platform))
      const result = await boot({
        machine,
        disk,
        arguments: [`ignition.platform.id=${platform}`],
        network: true,
        paths: [marker],
        prefix: cloud.prefix,
      })
      expect(result.report).toMatchObject({ reason: 'real-root', failedUnits: [] })
      expect(result.report.paths.get(marker)).toMatchObject({ mode: '600', bytes: platform.length })
      expect(provisioningUnits(result)).toContain('ignition-fetch.service')
      expect(cloud.requests()).toEqual(requests)
    })
  })
})
