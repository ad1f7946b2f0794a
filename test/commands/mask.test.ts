import { expect, test } from 'vitest'
import { maskSecrets } from '../../src/commands/mask.ts'
import { snakeOf } from '../../src/spec/yaml/shape.ts'
import { allSecretFields, secretTexts } from '../helpers/secret-fields.ts'

test.each([
  ['  "passwordHash": "$6$a\\"b", "name": "core"', '  "passwordHash": *********, "name": "core"'],
  ['password_hash: $6$salt$hash # mine', 'password_hash: ************ # ****'],
  ['{"passwordHash":["a"],"uid":1}', '{"passwordHash":*****,"uid":1}'],
  ['"value": "Bearer x"', '"value": **********'],
  ['- config: \'{"a":1}\'', '- config: *********'],
  ['"config": {"merge": []}', '"config": {"merge": []}'],
  ['"source": "data:,se%20cret"', '"source": "data:,*********"'],
  ['"source": "data:;base64,YWJj",', '"source": "data:;base64,****",'],
  ['"source": "https://me:pw@host/a?sig=abc&x=1"', '"source": "https://*****@host/a?sig=***&x=1"'],
  ['httpProxy: http://me:pw@proxy:3128', 'httpProxy: http://*****@proxy:3128'],
  ['"path": "/etc/config", "mode": 420', '"path": "/etc/config", "mode": 420'],
])('%s', (line, masked) => {
  expect(maskSecrets(line, undefined)).toBe(masked)
  expect(masked).toHaveLength(line.length)
})

test.each([
  // whose key stands above
  ['  - /dev/sda', 'devices', '  - /dev/sda'],
  ['  "canary"', 'passwordHash', '  ********'],
  ['  - canary', 'password_hash', '  - ******'],
  // where nobody knows what a line is: within a text, or behind what is not right
  ['  canary: canary', undefined, '  canary: ******'],
  ['canary two', undefined, '****** ***'],
  ['"passwordHash": "a"canary", "mode": 1', undefined, '"passwordHash": **********, "mode": 1'],
  ['canary"}]}}', undefined, '*******}]}}'],
  // a misspelt key may be one of a secret
  [
    '- {name: core, password_hsh: canary, shoud_exist: true}',
    'password_hsh',
    '- {name: core, password_hsh: ******, shoud_exist: true}',
  ],
  ['"passwordHash": {"a": "canary"}', undefined, '"passwordHash": {"a": ********}'],
  ['# password: canary', undefined, '# password: ******'],
  ['http_proxy: me:canary@proxy:3128', undefined, 'http_proxy: *********@proxy:3128'],
])('%s', (line, member, masked) => {
  expect(maskSecrets(line, member)).toBe(masked)
})

test('a long line takes no long time', () => {
  const start = performance.now()
  for (const part of ['data:', '?token', 'http://', '"value":"', 'a:b@', '[', '\\"'])
    maskSecrets(part.repeat(100_000 / part.length), undefined)
  expect(performance.now() - start).toBeLessThan(3000)
})

/** As the field is written on a line of JSON and of YAML. */
const linesWith = (name: string, text: string): readonly string[] => [
  `{"${name}": ${JSON.stringify(text)}, "mode": 420}`,
  `  ${snakeOf(name)}: ${JSON.stringify(text)}`,
  `  - ${snakeOf(name)}: '${text.replaceAll("'", "''").replaceAll('\n', ' ')}' # mine`,
  `  - {${snakeOf(name)}: ${JSON.stringify(text)}, mode: 0644}`,
]

test.each(allSecretFields)('$path is never shown', (field) => {
  const lines = secretTexts(field, 'canary').flatMap((text) => linesWith(field.name, text))
  const name = snakeOf(field.name)
  const plain = field.isUrl
    ? []
    : [
        `  ${name}: a, b [canary] {canary}`,
        `${name}: a#canary # mine`,
        `- {${name}: a#canary, ${name}: canary}`,
        `"${field.name}":"canary`,
      ]
  for (const line of [...lines, ...plain])
    expect([line, maskSecrets(line, undefined)]).toEqual([line, expect.not.stringContaining('canary')])
})
