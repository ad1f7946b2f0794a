import { IgnitionError } from '../errors.ts'
import type { Hypervisor, Registers } from './hypervisor-calls.ts'

/** `man 2 mmap`, `man 2 mprotect`, `man 2 iopl`, `man 3 bsearch`. */
const signatures = {
  mmap: { return: 'int64', arguments: ['uint64', 'uint64', 'int32', 'int32', 'int32', 'int64'] },
  mprotect: { return: 'int32', arguments: ['uint64', 'uint64', 'int32'] },
  iopl: { return: 'int32', arguments: ['int32'] },
  bsearch: { return: 'uint64', arguments: ['buffer', 'buffer', 'uint64', 'uint64', 'uint64'] },
} as const

const PROT_READ = 1
const PROT_WRITE = 2
const PROT_EXEC = 4
const MAP_PRIVATE_ANONYMOUS = 0x22
const pageBytes = 4096

const order = ['eax', 'ebx', 'ecx', 'edx', 'esi', 'edi'] as const

/** Opcodes of the instructions: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2. */
const opcodes = { in: [0xed], cpuid: [0x0f, 0xa2] } as const

/**
 * A function of the System V calling convention whose first argument points to six registers of 32 bits: loads them,
 * runs the instruction, stores them, answers 0.
 */
function functionFor(instruction: keyof typeof opcodes): readonly number[] {
  const code: readonly (readonly number[])[] = [
    [0x53], // push rbx
    [0x49, 0x89, 0xf8], // mov r8, rdi
    [0x41, 0x8b, 0x00], // mov eax, [r8]
    [0x41, 0x8b, 0x58, 0x04], // mov ebx, [r8+4]
    [0x41, 0x8b, 0x48, 0x08], // mov ecx, [r8+8]
    [0x41, 0x8b, 0x50, 0x0c], // mov edx, [r8+12]
    [0x41, 0x8b, 0x70, 0x10], // mov esi, [r8+16]
    [0x41, 0x8b, 0x78, 0x14], // mov edi, [r8+20]
    opcodes[instruction],
    [0x41, 0x89, 0x00], // mov [r8], eax
    [0x41, 0x89, 0x58, 0x04], // mov [r8+4], ebx
    [0x41, 0x89, 0x48, 0x08], // mov [r8+8], ecx
    [0x41, 0x89, 0x50, 0x0c], // mov [r8+12], edx
    [0x41, 0x89, 0x70, 0x10], // mov [r8+16], esi
    [0x41, 0x89, 0x78, 0x14], // mov [r8+20], edi
    [0x31, 0xc0], // xor eax, eax
    [0x5b], // pop rbx
    [0xc3], // ret
  ]
  return code.flat()
}

type Execute = Hypervisor['execute']

let loaded: Execute | undefined

/** See `Hypervisor.execute`. */
export const executeInstruction: Execute = (instruction, registers) => {
  loaded ??= load()
  return loaded(instruction, registers)
}

function load(): Execute {
  if (process.arch !== 'x64')
    throw new IgnitionError({
      code: 'FL_UNSUPPORTED',
      message: 'VMware is not supported on this architecture',
    })
  const ffi = process.getBuiltinModule('node:ffi')
  const { functions } = ffi.dlopen('libc.so.6', signatures)
  // Asked for in vain where the kernel is locked down; VMware takes its port all the same.
  functions.iopl(3)
  const addressFor = (instruction: keyof typeof opcodes): bigint => {
    const page = functions.mmap(0n, BigInt(pageBytes), PROT_READ | PROT_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0n)
    if (page < 0n) throw notExecutable('mmap')
    for (const [index, byte] of functionFor(instruction).entries()) ffi.setUint8(page, index, byte)
    if (functions.mprotect(page, BigInt(pageBytes), PROT_READ | PROT_EXEC) !== 0)
      throw notExecutable('mprotect')
    return page
  }
  const addresses = { in: addressFor('in'), cpuid: addressFor('cpuid') }
  // Found by a search: the function takes part in it as the comparison, which gets the key by its address.
  const element = Buffer.alloc(1)
  return (instruction, registers) => {
    const memory = new Uint32Array(order.map((name) => registers[name]))
    functions.bsearch(Buffer.from(memory.buffer), element, 1n, 1n, addresses[instruction])
    const [eax = 0, ebx = 0, ecx = 0, edx = 0, esi = 0, edi = 0] = memory
    return { eax, ebx, ecx, edx, esi, edi } satisfies Registers
  }
}

const notExecutable = (call: string) =>
  new IgnitionError({
    code: 'FL_UNSUPPORTED',
    message: `this kernel lets no program make code of its own (${call}), without which VMware cannot be asked`,
  })
