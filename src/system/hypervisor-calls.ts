/** A device that a hypervisor talks through. Its verbs throw Node's own system errors. */
export interface Device {
  /** Whether `read` would not wait. */
  isReadable(): boolean
  /** One message, at most so many bytes. */
  read(length: number): Uint8Array
  write(message: Uint8Array): void
  /** ioctl(2) with a structure, which the driver changes. */
  control(request: number, structure: Uint8Array): void
  close(): void
}

/** Registers of an x86 processor, 32 bits each. */
export interface Registers {
  readonly eax: number
  readonly ebx: number
  readonly ecx: number
  readonly edx: number
  readonly esi: number
  readonly edi: number
}

/** What only machine code and pointers can do. */
export interface Hypervisor {
  readonly openDevice: (path: string) => Device
  /** Where the bytes are in memory, for structures that point to others; they must be kept until the call is over. */
  readonly addressOf: (bytes: Uint8Array) => bigint
  /**
   * One instruction of an x86 processor. Throws `FL_UNSUPPORTED` on others. `in` ends the process where no hypervisor
   * takes the port: ask `cpuid` first.
   */
  readonly execute: (instruction: 'cpuid' | 'in', registers: Registers) => Registers
}
