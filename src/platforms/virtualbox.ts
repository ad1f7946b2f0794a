import { IgnitionError } from '../errors.ts'
import type { System } from '../system/system.ts'
import { type GuestProperties, openGuestProperties } from './guest-properties.ts'
import type { Answer } from './source.ts'

const config = '/Ignition/Config'
const encoding = '/Ignition/Config/Encoding'

/** Reads the config from a guest property: `VBoxManage guestproperty set VM /Ignition/Config …`. */
export async function readFromVirtualBox(system: System, platform: string): Promise<Answer> {
  return using(system, (properties) => {
    const named = properties.get(encoding)
    if (named !== undefined && named.length > 0)
      throw new IgnitionError({
        code: 'FL_CONFIG_UNREADABLE',
        message: `guest property "${encoding}" names an encoding, and there is none that is supported`,
      })
    const bytes = properties.get(config)
    if (bytes === undefined || bytes.length === 0)
      return { kind: 'empty', reason: `guest property "${config}" is not set` }
    return { kind: 'found', bytes, source: platform, place: `guest property "${config}"` }
  })
}

/** Deletes the guest properties: the encoding first, so that no half of them is left that means something else. */
export async function deleteFromVirtualBox(system: System): Promise<void> {
  await using(system, (properties) => {
    for (const name of [encoding, config]) properties.delete(name)
  })
}

async function using<T>(system: System, work: (properties: GuestProperties) => T): Promise<T> {
  const properties = openGuestProperties(await system.openHypervisor())
  try {
    return work(properties)
  } finally {
    properties.close()
  }
}
