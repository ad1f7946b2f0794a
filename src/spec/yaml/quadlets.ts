import { hasBothContents } from './contents.ts'
import { embed } from './embed.ts'
import { type Expansion, readLocal } from './expansion.ts'
import { addNode } from './nodes.ts'
import { at, type Branch, branchesAt, replaceAt, textAt, valueAt } from './tree.ts'

/** Where Podman looks: <https://docs.podman.io/en/latest/markdown/podman-systemd.unit.5.html>. */
const rootDirectory = '/etc/containers/systemd'
const userDirectory = '/etc/containers/systemd/users'

const suffixes = /\.(container|volume|network|kube|image|build|pod|artifact)$/
const mode = 0o644
const encoder = new TextEncoder()

/** Writes the Quadlet files and their drop-ins; an instance of a template becomes a link to it. */
export function addQuadlets(config: Branch, expansion: Expansion): Branch {
  const quadlets = branchesAt(config, 'systemd', 'quadlets')
  let grown = replaceAt(config, ['systemd', 'quadlets'], () => undefined)
  for (const quadlet of quadlets) grown = addQuadlet(grown, quadlet, expansion)
  return grown
}

function addQuadlet(config: Branch, quadlet: Branch, expansion: Expansion): Branch {
  const name = textAt(quadlet, 'name') ?? ''
  const from = (at(quadlet, 'name') ?? quadlet).from
  if (!suffixes.test(name) || name.includes('/')) {
    expansion.findings.add(
      'BU-QUADLET',
      from,
      'the name ends in .container, .volume, .network, .kube, .image, .build, .pod or .artifact and has no slash',
    )
    return config
  }
  const path = `${valueAt(quadlet, 'rootful') === true ? rootDirectory : userDirectory}/${name}`
  const template = templateOf(name)
  let grown = template === undefined ? addFile(config, quadlet, path, expansion) : config
  if (template !== undefined) {
    const contents = at(quadlet, 'contents') ?? at(quadlet, 'contentsLocal')
    if (contents !== undefined)
      expansion.findings.add(
        'BU-QUADLET',
        contents.from,
        'an instance of a template has no contents of its own',
      )
    grown =
      addNode(config, { list: 'links', path, from, members: { target: template } }) ??
      refuse(config, quadlet, expansion)
  }
  for (const dropin of branchesAt(quadlet, 'dropins'))
    grown = addFile(grown, dropin, `${path}.d/${textAt(dropin, 'name') ?? ''}`, expansion)
  return grown
}

/** `web@1.container` is an instance of `web@.container`. */
function templateOf(name: string): string | undefined {
  const { prefix, suffix } = /^(?<prefix>[^@]+@)[^.]+(?<suffix>\..*)$/.exec(name)?.groups ?? {}
  return prefix === undefined ? undefined : `${prefix}${suffix}`
}

function addFile(config: Branch, unit: Branch, path: string, expansion: Expansion): Branch {
  if (hasBothContents(unit, expansion)) return config
  const local = at(unit, 'contentsLocal')
  const given = at(unit, 'contents') ?? local ?? unit
  const bytes =
    local === undefined
      ? encoder.encode(textAt(unit, 'contents') ?? '')
      : readLocal(expansion, textAt(local) ?? '', local.from)
  if (bytes === undefined) return config
  const { source, compression } = embed(bytes, expansion, false)
  const members = { contents: { compression, source }, mode }
  return (
    addNode(config, { list: 'files', path, from: given.from, members }) ?? refuse(config, unit, expansion)
  )
}

function refuse(config: Branch, unit: Branch, { findings }: Expansion): Branch {
  findings.add('BU-QUADLET', unit.from, 'the config describes the path that it gets in another way')
  return config
}
