import { describe, expect, test } from 'vitest'
import { parseOvfProperties, removeOvfProperties } from '../../src/platforms/ovf.ts'

const NS = 'http://schemas.dmtf.org/ovf/environment/1'
const document = (properties: string) => `<?xml version="1.0" encoding="UTF-8"?>
<!-- <Property oe:key="comment" oe:value="x"/> -->
<Environment xmlns="${NS}" xmlns:oe="${NS}" xmlns:x="urn:x" oe:id="CoreOS-vm">
   <PlatformSection><Kind>VMware ESXi</Kind></PlatformSection>
   <PropertySection>
${properties}
   </PropertySection>
   <ve:Section xmlns:ve="http://www.vmware.com/schema/ovfenv"><Property oe:key="elsewhere" oe:value="x"/></ve:Section>
</Environment>
`

describe('properties', () => {
  const parse = (properties: string) => Object.fromEntries(parseOvfProperties(document(properties)))

  test('by local name, entities decoded, the last of a name counts', () => {
    expect(
      parse(`<Property oe:key="a" oe:value="1"/>
        <x:Property key='b' x:value='&lt;&#65;&#x42;&amp;&quot;&apos;&unknown;'></x:Property>
        <Property oe:key="a" oe:value="2"/>`),
    ).toEqual({ a: '2', b: '<AB&"\'&unknown;' })
  })

  test('only those of the section', () => {
    expect(parse('<Other oe:key="a" oe:value="1"/><Deep><Property oe:key="b" oe:value="2"/></Deep>')).toEqual(
      {},
    )
  })

  test('what follows the root is not looked at', () => {
    expect(parseOvfProperties('<a/> <b> </c>').size).toBe(0)
  })

  test.each(['', 'text', '<a>', '<a><b></a>', '</a>'])('%j is no XML', (xml) => {
    expect(() => parseOvfProperties(xml)).toThrow()
  })

  // at a cost that grows with the square of the length, one of them would take minutes
  test.each(['<', '<!--', '<![CDATA[', '<?', '<a ', '</', '&', '<a b="'])('a long document of %j', (text) => {
    expect(() => parseOvfProperties(text.repeat(300_000))).toThrow()
  })

  test('an element of many attributes that does not end', () => {
    expect(() => parseOvfProperties(`<a${' b="c"'.repeat(300_000)}`)).toThrow()
  })
})

describe('removing', () => {
  test('takes the elements out and leaves every other byte', () => {
    const kept = '      <Property oe:key="other" oe:value="1"/>\n'
    const before = document(
      `${kept}      <Property oe:key="data" oe:value="secret"/>\n      <oe:Property oe:key="enc" oe:value="b64">x</oe:Property>`,
    )
    const after = document(`${kept}      \n      `)
    expect(removeOvfProperties(before, ['data', 'enc'])).toBe(after)
    expect(removeOvfProperties(after, ['data', 'enc'])).toBe(after)
  })

  test.each([
    ['a key without the namespace', '<Property key="data" oe:value="x"/>'],
    ['a key of another namespace', '<Property x:key="data" oe:value="x"/>'],
    ['an element of another namespace', '<x:Property oe:key="data" oe:value="x"/>'],
    ['an element further down', '<Deep><Property oe:key="data" oe:value="x"/></Deep>'],
  ])('leaves %s', (_, property) => {
    expect(removeOvfProperties(document(property), ['data'])).toBe(document(property))
  })
})
