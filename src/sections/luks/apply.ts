import { makeAlias } from '../../block/alias.ts'
import { saying } from '../../block/failure.ts'
import { whileLocked } from '../../block/lock.ts'
import { settleDevice, waitForDevices } from '../../block/wait.ts'
import { IgnitionError } from '../../errors.ts'
import type { Claim, SectionContext } from '../../section.ts'
import type { ProgramName } from '../../system/programs.ts'
import { quote } from '../../system/quote.ts'
import type { Files, System } from '../../system/system.ts'
import { bindingOf, usesClevis } from './clevis.ts'
import { type KeyRing, keyToMake, rememberKeys, withKeyFile } from './key-ring.ts'
import { claimOf, clearMark, isMarked } from './mark.ts'
import { observeVolume } from './observe.ts'
import { formatArguments, type LuksStep, openArguments, planLuks } from './plan.ts'
import { makeSecureKey } from './secure-key.ts'

/** Makes or opens one volume. Its device may have been made by the step before. */
export async function applyLuks(context: SectionContext, ring: KeyRing, step: LuksStep): Promise<void> {
  const { system } = context
  const { volume, device } = step
  const node = (await waitForDevices(system, [device])).get(device) ?? device
  if (step.kind === 'look') return look(context, ring, step)
  const alias = makeAlias(system, device, node)
  const key = step.kind === 'make' ? keyToMake(system, ring, volume) : ring.keys.get(volume.name)
  if (!key)
    throw new IgnitionError({
      code: 'FL_INTERNAL',
      message: `there is no key for LUKS volume ${JSON.stringify(volume.name)}`,
    })
  // before the volume exists: with a run that is cut off here, only the volume may be lost and not its key
  context.keep(rememberKeys(context.state, ring))
  await saying(`${step.kind} LUKS volume ${quote(volume.name)} on ${quote(device)}`, async () =>
    withKeyFile(system, key, async (keyFile) => {
      const work = { volume, alias, keyFile }
      if (step.kind === 'open') return open(system, work)
      try {
        await make(system, ring, { ...work, step })
      } catch (error) {
        await takeBack(system, work)
        throw error
      }
    }),
  )
  await settleDevice(system, node)
}

/** Decides about a volume whose device was not there when the section was planned. */
async function look(context: SectionContext, ring: KeyRing, { volume }: LuksStep): Promise<void> {
  const { config, system } = context
  const facts = new Map([[volume.name, await observeVolume(context, ring, volume)]])
  const alone = { ...config, storage: { ...config.storage, luks: [volume] } }
  for (const step of planLuks(alone, facts)) {
    if (step.kind === 'make') context.claim([madeClaim(system.files, step)])
    await applyLuks(context, ring, step)
  }
}

/** What making a volume is called in the journal of steps. It is not safe before its key is in the new root. */
export const madeClaim = (files: Files, { volume, node }: LuksStep & { kind: 'make' }): Claim => ({
  name: claimOf(files, volume.name, node),
  until: 'boot',
})

interface Work {
  readonly volume: LuksStep['volume']
  readonly alias: string
  readonly keyFile: string
}

interface Making extends Work {
  readonly step: LuksStep & { kind: 'make' }
}

async function make(system: System, ring: KeyRing, work: Making): Promise<void> {
  const { name } = work.volume
  if (work.step.closes)
    await system.run('cryptsetup', ['luksClose', name], {
      description: `closing unfinished luks device ${quote(name)}`,
    })
  await format(system, ring, work)
  await open(system, work)
  if (usesClevis(work.volume)) return bind(system, ring, work)
  // with a key that every run has, nothing is lost when this one is cut off
  const { keyFile, cex } = work.volume
  if (keyFile.source && cex.enabled !== true && isMarked(system.files, work.step.node))
    await clearMark(system, work.alias, work.volume.label)
}

/** A volume whose key is lost with this run is no use to the next one: a blank device is. */
async function takeBack(system: System, { volume: { name }, alias }: Work): Promise<void> {
  if (system.files.lstat(`/dev/mapper/${name}`)) await attempt(system, 'cryptsetup', ['luksClose', name])
  await attempt(system, 'wipefs', ['-a', alias])
}

async function attempt(system: System, program: ProgramName, args: readonly string[]): Promise<void> {
  await system.run(program, args).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error)
    system.log('warning', `cannot take back an unfinished LUKS volume: ${reason}`)
  })
}

async function format(
  system: System,
  ring: KeyRing,
  { volume, alias, keyFile, step }: Making,
): Promise<void> {
  if (step.wipes)
    await system.run('wipefs', ['-a', alias], {
      description: `wiping filesystem signatures from ${quote(alias)}`,
    })
  const isSecure = volume.cex.enabled === true
  const volumeKey = isSecure ? await makeSecureKey(system, ring, volume.name) : undefined
  const args = formatArguments(volume, { device: alias, keyFile, volumeKey })
  await whileLocked(system, [step.node], async () =>
    system.run('cryptsetup', args, { description: `creating luks device ${quote(alias)}` }),
  )
  if (isSecure)
    await system.run('zkey-cryptsetup', ['setvp', alias, '--key-file', keyFile], {
      description: `setting the verification pattern of ${quote(alias)}`,
    })
}

async function open(system: System, { volume, alias, keyFile }: Work): Promise<void> {
  await system.run('cryptsetup', openArguments(volume, alias, keyFile), {
    description: `opening luks device ${quote(volume.name)}`,
  })
}

/** Binds to what clevis will unlock with; a key that was made here is not needed after that. */
async function bind(system: System, ring: KeyRing, { volume, alias, keyFile }: Work): Promise<void> {
  const { name } = volume
  const { pin, config, isProvable } = bindingOf(volume)
  await system.run('clevis', ['luks', 'bind', '-f', '-k', keyFile, '-d', alias, pin, config], {
    description: 'Clevis bind',
  })
  if (isProvable) {
    await system.run('cryptsetup', ['luksClose', name], { description: `closing luks device ${quote(name)}` })
    await system.run('clevis', ['luks', 'unlock', '-d', alias, '-n', name], {
      description: `proving that clevis unlocks ${quote(name)}`,
    })
  }
  if (!ring.generated.has(name)) return
  await system.run('cryptsetup', ['luksRemoveKey', alias, keyFile], {
    description: `removing the generated key of ${quote(name)}`,
  })
  ring.keys.delete(name)
}
