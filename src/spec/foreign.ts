/** What is given as a config at times but is none: how it begins, and what to do instead. */
const kinds: readonly { readonly begins: RegExp; readonly message: string }[] = [
  {
    begins: /^#!/,
    message:
      'this is a script, not a config: give an Ignition or Butane config with the script as a file, and a systemd ' +
      'unit that runs it',
  },
  {
    begins: /^#cloud-config\b/,
    message:
      'this is a cloud-config, which cloud-init reads: write it as a Butane config, beginning with `variant: fcos`',
  },
  {
    begins: /^(#include|#cloud-boothook|#part-handler|#upstart-job|## template:|#cloud-config-archive)/,
    message: 'this is for cloud-init: give an Ignition or Butane config instead',
  },
  {
    begins: /^(content-type|mime-version):/i,
    message:
      'this is a MIME message, as cloud-init takes several parts: give one Ignition or Butane config; it can merge others',
  },
  {
    begins: /^\s*<(!doctype|html|\?xml)/i,
    message: 'this is a web page or XML, not a config: was it served instead of the config?',
  },
]

/** Sections of Container Linux Configs that no later config has. */
const legacySections = /^(etcd|flannel|docker|update|locksmith|networkd):/m

/** Files of Container Linux Configs name the filesystem that they are on. */
const legacyFile = /^\s+(- )?filesystem: *["']?root\b/m

const sections = /^(ignition|storage|systemd|passwd|kernel_arguments|boot_device):/m

/** First bytes of gzip data as UTF-8 is decoded: the second one is none. */
const gzipStart = '\u001f\ufffd'

/** Says what a text is that is neither JSON nor YAML with a variant; undefined when it is like nothing known. */
export function describeForeign(text: string): string | undefined {
  if (text.startsWith(gzipStart)) return 'this is gzip data, which is unpacked at boot only: unpack it first'
  const known = kinds.find(({ begins }) => begins.test(text))
  if (known !== undefined) return known.message
  if (/^\s*[[{"]/.test(text)) return undefined
  if (legacySections.test(text) || legacyFile.test(text)) {
    return (
      'this looks like a Container Linux Config, which has been replaced: write it as a Butane config, beginning with ' +
      '`variant: flatcar` and `version: 1.1.0`'
    )
  }
  if (sections.test(text))
    return 'this looks like YAML without a variant: begin it with lines like `variant: fcos` and `version: 1.6.0`'
  return undefined
}

/** A key at the top, of a text that is no script and no MIME message. */
const blockVariant = /^(["']?)variant\1[ \t]*:/m

/** A map in braces that begins with one of the two keys at the top. */
const flowVariant = /^\s*\{\s*(["']?)(variant|version)\1\s*:/

/** Whether a text that is no Ignition config says that it is YAML with a variant. */
export function hasVariant(text: string): boolean {
  const plain = text.startsWith('\ufeff') ? text.slice(1) : text
  if (/^(#!|content-type:|mime-version:)/i.test(plain)) return false
  return /^\s*\{/.test(plain) ? flowVariant.test(plain) : blockVariant.test(plain)
}
