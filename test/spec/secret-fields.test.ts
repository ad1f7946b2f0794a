import { expect, test } from 'vitest'
import { allSecretFields } from '../helpers/secret-fields.ts'

const resources = [
  'ignition.config.merge[]',
  'ignition.config.replace',
  'ignition.security.tls.certificateAuthorities[]',
  'storage.files[].append[]',
  'storage.files[].contents',
  'storage.luks[].keyFile',
]

test('all that may be or have a secret is marked as one', () => {
  const marked = allSecretFields.map(({ path, isUrl }) => (isUrl ? `${path} (URL)` : path))
  expect(marked.toSorted()).toEqual(
    [
      ...resources.flatMap((path) => [`${path}.source (URL)`, `${path}.httpHeaders[].value`]),
      'ignition.proxy.httpProxy (URL)',
      'ignition.proxy.httpsProxy (URL)',
      'passwd.groups[].passwordHash',
      'passwd.users[].passwordHash',
      'storage.luks[].clevis.custom.config',
      'storage.luks[].clevis.tang[].advertisement',
      'storage.luks[].clevis.tang[].thumbprint',
      'storage.luks[].clevis.tang[].url (URL)',
      'systemd.units[].contents',
      'systemd.units[].dropins[].contents',
      // of YAML only
      'bootDevice.luks.tang[].advertisement',
      'bootDevice.luks.tang[].thumbprint',
      'bootDevice.luks.tang[].url (URL)',
      'grub.users[].passwordHash',
      'resource.inline',
      'storage.files.append.inline',
      'storage.files.contents.inline',
      'systemd.quadlets[].contents',
      'systemd.quadlets[].dropins[].contents',
    ].toSorted(),
  )
})
