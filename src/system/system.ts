import type { Secret } from '../secret.ts'
import type { Hypervisor } from './hypervisor-calls.ts'
import type { HttpRequest, HttpResponse, UdpSocket } from './network.ts'
import type { ProgramName } from './programs.ts'
import type { Span } from './span.ts'
import type { WaitOwner } from './waits.ts'

/** What a directory entry is. */
export type NodeType = 'file' | 'directory' | 'symlink' | 'block' | 'character' | 'fifo' | 'socket'

/** What `lstat` or `stat` says. */
export interface NodeStat {
  readonly type: NodeType
  /** Permission bits with setuid, setgid and sticky: 0 to 0o7777. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
  /** Bytes. */
  readonly size: number
  /** Two paths with equal device and inode are the same file. Overlay filesystems use all 64 bits of an inode number. */
  readonly device: bigint
  readonly inode: bigint
}

export interface WriteOptions {
  /** Permission bits of the new file, exactly (no umask). */
  readonly mode: number
  readonly uid?: number
  readonly gid?: number
}

export interface Owner {
  readonly uid: number
  readonly gid: number
}

/** A new file that grows beside its target and is not visible under the target's name until `commit`. */
export interface PendingFile {
  /** Path of the temporary file, in the same directory as the target. */
  readonly path: string
  write(chunk: Uint8Array): void
  /** As `write`, but the chunk is given away: it is written while more arrives, and its memory is freed. */
  take(chunk: Uint8Array): void
  /** All that was taken is written; `commit` is for after that. */
  settle(): Promise<void>
  /** Sets owner, then mode (changing the owner clears setuid and setgid), flushes nothing, renames over the target. */
  commit(options: WriteOptions): void
  /** Removes the temporary file. Safe to call after `commit`, then it does nothing. */
  discard(): void
}

/**
 * Files of the machine, by absolute path. All verbs throw Node's own system errors (`code` is `ENOENT`, `ENOSPC` …).
 * They block: a stage is one sequence of steps, and a blocking call costs a tenth of a promise.
 */
export interface Files {
  read(path: string): Uint8Array
  readText(path: string): string
  /** Bytes of a file or device from an offset on; fewer than `length` at its end. */
  readAt(path: string, offset: number, length: number): Uint8Array
  /** Names in byte order; throws `ENOENT` when the directory is missing. */
  list(path: string): string[]
  /** Undefined when there is nothing at the path (`ENOENT`, `ENOTDIR`). Does not follow the last link. */
  lstat(path: string): NodeStat | undefined
  /** As `lstat`, but follows links. */
  stat(path: string): NodeStat | undefined
  readlink(path: string): string
  /** When the contents last changed, in nanoseconds since 1970; throws `ENOENT`. */
  modifiedAt(path: string): bigint
  /** Opens a file beside `target` (same directory, random name, mode 0600) for a later atomic rename. */
  create(target: string): PendingFile
  /** Whole file at once, atomically (temporary file, then rename). */
  write(path: string, data: Uint8Array | string, options: WriteOptions): void
  /** As `write`, but on disk before it returns: fsync of file and directory. */
  writeDurably(path: string, data: Uint8Array | string, options: WriteOptions): void
  /**
   * Adds to the end of an existing regular file, cut to `from` bytes before; never follows a link at the last component.
   * When it fails, what it has added is taken back.
   */
  append(
    path: string,
    data: Uint8Array | string | Iterable<Uint8Array>,
    options?: { readonly from?: number },
  ): void
  /** One directory, mode exactly as given; there with all of that or not at all. Throws `EEXIST`. */
  makeDirectory(path: string, options: WriteOptions): void
  /** A symbolic link; with an owner, there with that or not at all. Throws `EEXIST`. */
  symlink(target: string, path: string, owner?: Owner): void
  hardLink(existing: string, path: string): void
  /** Never follows a link at the last component. */
  chown(path: string, uid: number, gid: number): void
  /** The path must not be a symbolic link. */
  chmod(path: string, mode: number): void
  rename(from: string, to: string): void
  /** A file or a whole tree, never following links; nothing happens when it is missing. */
  remove(path: string): void
  /** Overwrites a regular file with zeros, then removes it; nothing happens when it is missing. */
  shred(path: string): void
  /** An empty directory; throws `ENOTEMPTY`, also while something is mounted there (`EBUSY`). */
  removeDirectory(path: string): void
  /** A new directory, mode 0700, below TMPDIR or /tmp. */
  makeTemporaryDirectory(prefix: string): string
  /** Takes the exclusive BSD lock of a file or device, flock(2), and returns how to give it back; undefined when it is taken. */
  lock(path: string): (() => void) | undefined
  /** Flushes the filesystem that holds `path` to disk (syncfs). */
  sync(path: string): void
  /** Bytes that may still be written to the filesystem that holds `path` (statvfs); infinite for a ramfs, which has no size. */
  freeBytes(path: string): number
}

export interface RunOptions {
  /** What the program does, for the log: `creating or modifying user "core"`. */
  readonly description?: string
  /** Bytes for its standard input; otherwise that is /dev/null. */
  readonly input?: Uint8Array | string
  /** Exit codes that are answers, not failures. Default: only 0. */
  readonly accept?: readonly number[]
  readonly environment?: Readonly<Record<string, string>>
}

export interface RunResult {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

export type LogLevel = 'emerg' | 'alert' | 'crit' | 'err' | 'warning' | 'notice' | 'info' | 'debug'

/** Where messages go: syslog and the journal in the initramfs, or standard output. */
export type Log = (level: LogLevel, message: string) => void

/** Flags of mount(2), by the names of mount(8). */
export type MountFlag =
  | 'ro'
  | 'nosuid'
  | 'nodev'
  | 'noexec'
  | 'sync'
  | 'remount'
  | 'dirsync'
  | 'noatime'
  | 'nodiratime'
  | 'bind'
  | 'move'
  | 'rec'
  | 'silent'
  | 'private'
  | 'slave'
  | 'relatime'

export interface MountOptions {
  readonly source: string
  readonly target: string
  readonly type: string
  readonly flags: readonly MountFlag[]
  /** The filesystem's own options, comma-separated. */
  readonly data: string
}

/**
 * The only door to the machine. Handed in as a parameter; `real.ts` is the machine, `fake.ts` a tree in memory.
 */
export interface System {
  readonly files: Files
  readonly log: Log
  /** Undefined when unset or empty. */
  environment(name: string): string | undefined
  /** Starts a program of the table and waits for it. Throws `IgnitionError` `FL_PROGRAM` or `FL_PROGRAM_MISSING`. */
  run(program: ProgramName, args: readonly (string | Secret)[], options?: RunOptions): Promise<RunResult>
  /** One request, no redirects followed, no retries. Throws the transport's error. */
  request(request: HttpRequest): Promise<HttpResponse>
  openHypervisor(): Promise<Hypervisor>
  /** The processor's, by Node's name: `x64`, `arm64`, `s390x`, `ppc64`. */
  readonly architecture: string
  /** A UDP socket on a free port, for one host by name or address. Throws the resolver's error. */
  openUdp(host: string): Promise<UdpSocket>
  /** Only for an owner that says what is waited for, and for how long at most. */
  sleep(milliseconds: number, owner: WaitOwner, signal?: AbortSignal): Promise<void>
  /** Wall clock. */
  now(): Date
  /** Milliseconds of a clock that never steps. */
  monotonic(): number
  /** Random bytes from the kernel. */
  random(length: number): Uint8Array
  /** One structured record to the journal; silently nothing when there is no journal. */
  journal(fields: Readonly<Record<string, string>>): void
  mount(options: MountOptions): void
  unmount(target: string): void
  /** The same machine, its log prefixed: `files: createUsers: …`. */
  scoped(prefix: string): System
  /**
   * Runs a piece of work between `op(N): [started]  …` and `[finished] …` or `[failed]   …`; the work's own
   * messages carry the prefix `op(N)`. It is a span of the boot trace, an `operation` unless said otherwise.
   */
  operation<T>(
    description: string,
    work: (system: System) => T | Promise<T>,
    span?: Pick<Span<T>, 'kind' | 'facts'>,
  ): Promise<T>
  /** Runs a piece of work as a span of the boot trace; what it starts lies inside. */
  span<T>(span: Span<T>, work: () => T | Promise<T>): Promise<T>
  /** The boot trace up to now, of this stage and those before; undefined when none is kept. */
  traceText(): string | undefined
}

/** An account of the new root, by its own user database. */
export interface User {
  readonly name: string
  readonly uid: number
  readonly gid: number
  readonly gecos: string
  readonly home: string
  readonly shell: string
}

export interface Group {
  readonly name: string
  readonly gid: number
  readonly members: readonly string[]
}

/**
 * The new root as seen from inside: every hop of every symbolic link, and every `..`, stays below it. Paths going in
 * are those of a config; paths coming out are absolute on the machine, with the root in front. Throws `IgnitionError`
 * `FL_PATH_ESCAPES` after 40 links.
 */
export interface Sysroot {
  /** Where a path really is. The last component is not followed; missing components are taken as they are. */
  resolve(path: string): string
  /** As `resolve`, but the last component is followed too. */
  follow(path: string): string
  /** Makes the missing directories above a resolved path, 0755; returns the topmost one made. */
  makeParents(resolved: string): string | undefined
  /** To be called when a link was made, a tree was removed or a program worked in the root: drops what is remembered. */
  forget(): void
  /** Undefined when the root's user database does not have the name. */
  user(name: string): User | undefined
  group(name: string): Group | undefined
  /** Names of all groups that list the user as a member. */
  groupsOf(user: string): readonly string[]
}
