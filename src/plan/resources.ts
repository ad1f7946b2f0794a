import { needsNetwork } from '../resources/schemes.ts'
import { showUrl } from '../resources/show-url.ts'
import { sourceOf } from '../resources/source-of.ts'
import type { Resource } from '../section.ts'
import { advertisementOf, serversToAsk } from '../sections/luks/clevis.ts'
import type { Config } from '../spec/config.ts'
import type { MachinePlan } from './shape-of-plan.ts'

/** What would be fetched and for whom, with URLs as they may be shown. What is in the config itself is not fetched. */
export function resourcesOf({ ignition, storage }: Config): MachinePlan['resources'] {
  const wanted: readonly (readonly [string, Resource])[] = [
    ...ignition.config.merge.map((each) => ['merging into the config', each] as const),
    ['the config instead of this one', ignition.config.replace],
    ...ignition.security.tls.certificateAuthorities.map(
      (each) => ['trusting its certificates', each] as const,
    ),
    ...storage.luks.flatMap((volume) => [
      [`key of LUKS volume ${JSON.stringify(volume.name)}`, volume.keyFile] as const,
      ...serversToAsk(volume).map(
        (server) =>
          [`LUKS volume ${JSON.stringify(volume.name)}`, { source: advertisementOf(server) }] as const,
      ),
    ]),
    ...storage.files.flatMap((file) =>
      [file.contents, ...file.append].map((each) => [`file ${JSON.stringify(file.path)}`, each] as const),
    ),
  ]
  return wanted.flatMap(([wantedBy, resource]) => {
    const { compression, verification } = resource
    const source = sourceOf(resource)
    if (!needsNetwork(source)) return []
    return [
      {
        url: showUrl(source),
        wantedBy,
        ...(compression && { compression }),
        ...(verification?.hash !== undefined && { hash: verification.hash }),
      },
    ]
  })
}
