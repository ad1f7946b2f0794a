import type { Files } from './system.ts'

/** `man 5 proc_sys_kernel`: made anew by every boot. */
const path = '/proc/sys/kernel/random/boot_id'

/** The id of this boot; empty where the kernel tells none. */
export const readBootId = (files: Files): string => (files.stat(path) ? files.readText(path).trim() : '')
