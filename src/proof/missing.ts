import { waitForDevices } from '../block/wait.ts'
import { IgnitionError } from '../errors.ts'
import { quote } from '../system/quote.ts'
import type { System } from '../system/system.ts'
import type { Outlook } from './outlook.ts'

interface Need {
  readonly devices: readonly string[]
  /** What is to be on them. */
  readonly purpose: string
}

/**
 * Waits for devices that no section will bring. Throws `FL_DEVICE_MISSING` for those that do not come, and for those that
 * the config itself takes away before they are wanted.
 */
export async function requireSeen(
  system: System,
  outlook: Outlook,
  { devices, purpose }: Need,
): Promise<void> {
  const gone = devices.find((device) => outlook.of(device).kind === 'gone')
  if (gone !== undefined)
    throw new IgnitionError({
      code: 'FL_DEVICE_MISSING',
      message: `${quote(gone)}, which ${purpose} is to be on, is a partition that the config itself deletes`,
    })
  await waitForDevices(
    system,
    devices.filter((device) => outlook.of(device).kind === 'unseen' && outlook.isWrong(device)),
  )
}
