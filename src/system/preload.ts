/** Loads what starting programs and hashing needs, of ours and of Node's, for a process that has time now and none later. */
export async function preloadDoor(): Promise<void> {
  for (const name of ['crypto', 'child_process', 'stream', 'zlib']) process.getBuiltinModule(`node:${name}`)
  await import('./run.ts')
  await import('execa')
}
