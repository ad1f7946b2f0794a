import type { Place, Subject } from './spec/place.ts'

/**
 * Every way in which provisioning can fail, as a table: code → what it means and the way out.
 * `docs/errors.md` is generated from it.
 */
export const errorCodes = {
  FL_USAGE: { means: 'The command line is not understood.', wayOut: 'Run with --help.' },
  FL_PLATFORM_UNKNOWN: {
    means: 'The platform id is missing or not a known one.',
    wayOut: 'Set ignition.platform.id=<platform> on the kernel command line.',
  },
  FL_STATE_UNREADABLE: {
    means: 'The file that carries state between stages cannot be read.',
    wayOut: 'Remove it and boot again.',
  },
  FL_CONFIG_INVALID: {
    means: 'A config breaks a rule of its spec.',
    wayOut: 'Check it with `firstlight validate`.',
  },
  FL_CONFIG_UNREADABLE: {
    means: 'A config could not be read from where it was said to be.',
    wayOut: 'Check path and permissions.',
  },
  FL_NO_PROVIDER: {
    means: 'No source of a config answered.',
    wayOut: 'Check that the platform id is right.',
  },
  FL_NEEDS_NETWORK: {
    means: 'A resource needs the network and the stage runs without.',
    wayOut: 'Bring up the network when /run/ignition/neednet exists.',
  },
  FL_FETCH: { means: 'A resource could not be fetched.', wayOut: 'Check URL, network and server.' },
  FL_FETCH_TIMEOUT: {
    means: 'A resource did not arrive in the time allowed.',
    wayOut: 'Raise ignition.timeouts.httpTotal or check the server.',
  },
  FL_HASH_MISMATCH: {
    means: 'Fetched bytes do not have the hash that the config names.',
    wayOut: 'Correct the hash or the content; the hash is of the decompressed bytes.',
  },
  FL_DECOMPRESS: {
    means: 'Compressed contents are damaged or not compressed.',
    wayOut: 'Check `compression` in the config.',
  },
  FL_ADDRESS_REFUSED: {
    means: 'A link-local address was asked for outside an initramfs.',
    wayOut: 'Run in the initramfs, or set FIRSTLIGHT_ALLOW_LINK_LOCAL=1.',
  },
  FL_UNSUPPORTED: {
    means: 'The config asks for something that this version cannot do.',
    wayOut: 'See docs/release-notes.md.',
  },
  FL_HOST_ROOT: {
    means: 'A config was to be applied to the root of a running host.',
    wayOut: 'Give --root the directory or the container root that is meant.',
  },
  FL_NOT_LIVE: {
    means: 'The config has parts that cannot be applied to a running system.',
    wayOut: 'Leave them out with --ignore-unsupported, or provision a machine with the config.',
  },
  FL_PROGRAM: { means: 'A helper program failed.', wayOut: 'Its own message says why.' },
  FL_PROGRAM_MISSING: {
    means: 'A helper program is not installed in the initramfs.',
    wayOut: 'Add the package that has it to the image and rebuild the initramfs.',
  },
  FL_FILE: {
    means: 'A file operation in the new root failed.',
    wayOut: 'Check the path and the free space.',
  },
  FL_FILE_EXISTS: {
    means: 'Something is already at the path and overwrite is not set.',
    wayOut: 'Set `overwrite: true`, or choose another path.',
  },
  FL_PATH_ESCAPES: {
    means: 'A path leads out of the new root or through too many symbolic links.',
    wayOut: 'Check the symbolic links below the path.',
  },
  FL_OWNER_UNKNOWN: {
    means: 'A user or group name is not known in the new root.',
    wayOut: 'Add it under passwd, or use its id.',
  },
  FL_KEY_LOST: {
    means: 'The key of a LUKS volume did not arrive from the stage that made the volume.',
    wayOut: 'Run the disks stage before the files stage, with the same state file.',
  },
  FL_NO_SPACE: { means: 'The target filesystem is full.', wayOut: 'Make it larger, or write less.' },
  FL_STAGING_FULL: {
    means:
      'The contents of the config do not fit into memory all at once, and the kernel command line asks that they do.',
    wayOut:
      'Raise firstlight.staging_limit, use a machine with more memory, or drop firstlight.staging_full=fail.',
  },
  FL_DEVICE_MISSING: {
    means: 'A block device did not appear.',
    wayOut: 'Check the path in the config; the error names the devices that are there.',
  },
  FL_DEVICE_BUSY: {
    means: 'A device that would have to be changed is mounted, held by another device or used as swap.',
    wayOut: 'Stop what uses it before Ignition runs, or leave it out of the config.',
  },
  FL_DEVICE_OCCUPIED: {
    means: 'A device holds something else than the config asks for, and wiping it is not allowed.',
    wayOut: 'Set wipeTable, wipePartitionEntry, wipeFilesystem or wipeVolume, or describe what is there.',
  },
  FL_PARTITION_FIT: {
    means: 'A partition does not fit where the config puts it.',
    wayOut: 'Correct startMiB and sizeMiB, or use a larger disk.',
  },
  FL_PARTITION_MISMATCH: {
    means: 'A partition is there already and differs from the config.',
    wayOut: 'Set wipePartitionEntry (or resize, if only the size differs), or describe what is there.',
  },
  FL_KERNEL_TABLE: {
    means: 'The kernel does not see a partition as it was just written.',
    wayOut: 'See whether something uses the disk; boot again.',
  },
  FL_MOUNT: {
    means: 'A filesystem of the config could not be mounted.',
    wayOut: 'Check format, mountOptions and path.',
  },
  FL_MACHINE_UNREADABLE: {
    means: 'The description of a machine is not one that `firstlight inspect` writes.',
    wayOut: 'Make it anew with `firstlight inspect > machine.json`, as root.',
  },
  FL_MACHINE_UNSEEN: {
    means: 'A plan needs something of the machine that could not be seen when it was described.',
    wayOut: 'Run `firstlight inspect` as root.',
  },
  FL_PLAN_CHANGED: {
    means: 'What would be done is not what was reviewed: the plan has another hash. Nothing was changed.',
    wayOut: 'Review it again with `firstlight plan`, and pass the new hash.',
  },
  FL_STAGE_LOST: {
    means:
      'The process that runs the stages of all units (firstlight-warm.service) ended in the middle of one.',
    wayOut: 'See `journalctl -u firstlight-warm.service`, and whether memory ran out; boot again.',
  },
  FL_INTERNAL: { means: 'A defect in Firstlight.', wayOut: 'Please report it with the log.' },
} as const

export type ErrorCode = keyof typeof errorCodes

export interface IgnitionErrorOptions {
  readonly code: ErrorCode
  /** One sentence that names the device, path or URL. */
  readonly message: string
  readonly cause?: unknown
  /** The part of the rendered config that it is about. */
  readonly about?: Subject | undefined
  /** Where that stands in what the user has written. */
  readonly place?: Place | undefined
}

/** The one error class: thrown wherever a stage cannot go on, caught once, in `main.ts`. */
export class IgnitionError extends Error {
  readonly code: ErrorCode
  /** Set once, by whoever knows it first. */
  about: Subject | undefined
  place: Place | undefined
  /** What was being done, in the words of the log. */
  step: string | undefined
  /** Whether it was found before this boot's first change of the machine. */
  isBeforeChange = false

  constructor({ code, message, cause, about, place }: IgnitionErrorOptions) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'IgnitionError'
    this.code = code
    this.about = about ?? ofCauses(cause, (error) => error.about)
    this.step = ofCauses(cause, (error) => error.step)
    this.place = place ?? ofCauses(cause, (error) => error.place)
  }
}

/** What the first of an error and its causes knows that knows it. */
function ofCauses<T>(error: unknown, look: (error: IgnitionError) => T | undefined): T | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const found = cause instanceof IgnitionError ? look(cause) : undefined
    if (found !== undefined) return found
  }
  return undefined
}

/** Does the work of a step: its error knows which. */
export async function inStep<T>(step: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof IgnitionError) error.step ??= step
    throw error
  }
}

/** Does work for one part of the config: an error that is not about a part yet is about this one. */
export function inPart<T>(about: Subject | undefined, work: () => T): T {
  try {
    const result = work()
    return result instanceof Promise ? (result.catch((error: unknown) => raise(error, about)) as T) : result
  } catch (error) {
    return raise(error, about)
  }
}

function raise(error: unknown, about: Subject | undefined): never {
  if (error instanceof IgnitionError) error.about ??= about
  throw error
}
