import { commandLine, failedProgram } from '../../src/system/command-line.ts'
import type { Device, Hypervisor } from '../../src/system/hypervisor-calls.ts'
import type { ProgramName } from '../../src/system/programs.ts'
import type { Files, System } from '../../src/system/system.ts'
import { systemError } from './fake-tree.ts'

/** What is otherwise than usual on a machine in memory. */
export type MachineChange = (machine: { readonly system: System; readonly files: Files }) => Partial<System>

/** Reading whatever ends so fails as on a medium that is damaged. */
export const damaged =
  (end: string): MachineChange =>
  ({ files }) => ({
    files: {
      ...files,
      read(path) {
        if (path.endsWith(end)) throw systemError('EIO', 'read', path)
        return files.read(path)
      },
    },
  })

/** A program that fails when the word is among its arguments. */
export const broken =
  (name: ProgramName, word: string): MachineChange =>
  ({ system }) => ({
    async run(program, args, options = {}) {
      if (program !== name || !args.includes(word)) return system.run(program, args, options)
      const failure = { reason: 'exit status 1', stdout: '', stderr: 'broken' }
      throw failedProgram(commandLine(program, args), failure)
    },
  })

/** A file that is there when a module was loaded. */
export const withModule =
  (given: Readonly<Record<string, string>>): MachineChange =>
  ({ system, files }) => ({
    async run(program, args, options) {
      if (program === 'modprobe')
        for (const [path, content] of Object.entries(given)) appear(files, path, content)
      return system.run(program, args, options)
    },
  })

export function appear(files: Files, path: string, content = ''): void {
  const parts = path.split('/').slice(1, -1)
  for (let depth = 1; depth <= parts.length; depth++) {
    const directory = `/${parts.slice(0, depth).join('/')}`
    if (files.stat(directory) === undefined) files.makeDirectory(directory, { mode: 0o755 })
  }
  files.write(path, content, { mode: 0o600 })
}

export const device =
  (change: (device: Device) => Partial<Device>): MachineChange =>
  ({ system }) => ({
    async openHypervisor() {
      const hypervisor = await system.openHypervisor()
      const openDevice = (path: string) => {
        const opened = hypervisor.openDevice(path)
        return { ...opened, ...change(opened) }
      }
      return { ...hypervisor, openDevice }
    },
  })

/** VMware that fails at messages of this type; `hypervisors.ts` has the others. */
export const withoutMessage =
  (type: number): MachineChange =>
  ({ system }) => ({
    async openHypervisor() {
      const hypervisor = await system.openHypervisor()
      const execute: Hypervisor['execute'] = (instruction, registers) =>
        instruction === 'in' && registers.ecx >>> 16 === type && (registers.ecx & 0xffff) === 0x1e
          ? { ...registers, ecx: 0 }
          : hypervisor.execute(instruction, registers)
      return { ...hypervisor, execute }
    },
  })

export function damagedOnce(end: string): MachineChange {
  let isDamaged = true
  return ({ files }) => ({
    files: {
      ...files,
      read(path) {
        if (!path.endsWith(end) || !isDamaged) return files.read(path)
        isDamaged = false
        throw systemError('EIO', 'read', path)
      },
    },
  })
}
