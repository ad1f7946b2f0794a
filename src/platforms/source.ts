/** Headers by name; the names are sent in canonical form. */
export type Headers = Readonly<Record<string, string>>

/** How a body becomes a config: strict base64, and for `base64-gzip` decompressed when it is gzip. */
type Encoding = 'base64' | 'base64-gzip'

/** One document of a metadata service. */
export interface HttpSource {
  readonly kind: 'http'
  readonly url: string
  readonly headers?: Headers
  /** A session token to ask for first, sent along in a header. */
  readonly token?: TokenRequest
  /** What a 404 means. Default: there is no config. */
  readonly missing?: 'empty' | 'fatal'
  /** Statuses to ask again after, besides those that always are. */
  readonly retry?: readonly number[]
  readonly encoding?: Encoding
  /** The service answers only to source ports below 1024. */
  readonly privilegedPort?: boolean
}

export interface TokenRequest {
  readonly url: string
  readonly headers: Headers
  /** Header that carries the token. */
  readonly header: string
  /** What a 404 means: the service is too old for tokens, or the request is wrong. */
  readonly missing: 'without' | 'fatal'
}

/** A filesystem with a label, and the first of some files on it that can be a config. */
export interface DriveSource {
  readonly kind: 'drive'
  readonly label: string
  readonly paths: readonly string[]
  /** Seconds to wait for the drive; then there is no config. Without it, as long as it takes. */
  readonly waitSeconds?: number
  /** Files that begin with this line belong to another program. */
  readonly passOver?: string
}

/** A file on an optical disc in a drive of its own, known by another file beside it. */
export interface DiscSource {
  readonly kind: 'disc'
  readonly filesystems: readonly string[]
  /** A disc without this file is not the one. */
  readonly mark: string
  readonly path: string
}

/** A metadata service on the DHCP server that gave this machine its address. */
export interface LeaseSource {
  readonly kind: 'dhcp-server'
  readonly path: string
}

/** A metadata service at a link-local address, asked over every interface that has IPv6. */
export interface InterfacesSource {
  readonly kind: 'interfaces'
  /** IPv6, without brackets and zone. */
  readonly address: string
  readonly path: string
}

/** A block device that is the config, filled up with NUL bytes. */
export interface BlockDeviceSource {
  readonly kind: 'block-device'
  readonly path: string
  /** Kernel module that brings it, and where sysfs shows that it is there. */
  readonly module: string
  readonly driver: string
  /** Seconds to wait for the device; it must come. */
  readonly waitSeconds: number
}

/** The only answer of an HTTP server of the host, over AF_VSOCK. */
export interface VsockSource {
  readonly kind: 'vsock'
  /** Context id: `man 7 vsock`. */
  readonly cid: number
  readonly port: number
}

/** Where a platform keeps the config, as data; `read.ts` knows how to read each kind. */
export type Source =
  /** The platform has no source of its own: the config comes by kernel command line or from `user.ign`. */
  | { readonly kind: 'none' }
  /** A file named by an environment variable or by a default path; it must exist. */
  | { readonly kind: 'file'; readonly variable: string; readonly path: string }
  /** A device of the firmware that reads like a file, filled up with NUL bytes; a kernel module brings it. */
  | { readonly kind: 'firmware-file'; readonly module: string; readonly path: string }
  /** QEMU's firmware configuration device; the first of the names that exists. */
  | { readonly kind: 'fw-cfg'; readonly names: readonly string[] }
  | HttpSource
  | DriveSource
  | DiscSource
  | LeaseSource
  | InterfacesSource
  /** All at once: the first that answers decides, one that fails drops out. */
  | { readonly kind: 'race'; readonly sources: readonly Source[] }
  /** One after the other: the first that is not empty decides, an error too. */
  | { readonly kind: 'first'; readonly sources: readonly [Source, ...Source[]] }
  | BlockDeviceSource
  | VsockSource
  /** Hyper-V's data exchange. */
  | { readonly kind: 'hyperv' }
  /** Guest properties of VirtualBox. */
  | { readonly kind: 'virtualbox' }
  /** Guest variables of VMware. */
  | { readonly kind: 'vmware' }
  /** The virtual card reader of z/VM. */
  | { readonly kind: 'zvm' }
  /** By Node's name of the processor's architecture. */
  | {
      readonly kind: 'architectures'
      readonly named: Readonly<Record<string, Source>>
      readonly others: Source
    }

/** A file that the provider brings besides the config, as a config would have it. */
export interface ProviderFile {
  readonly path: string
  readonly mode: number
  readonly overwrite: true
  readonly contents: { readonly source: string }
}

/** What asking a source for a config can answer. Whatever else happens is an error. */
export type Answer =
  | {
      readonly kind: 'found'
      readonly bytes: Uint8Array
      /** The platform, `cmdline` or `system`: what the state and the journal keep. */
      readonly source: string
      /** Where it was, for whoever has to correct it: the URL, the file and its drive. */
      readonly place: string
      readonly files?: readonly ProviderFile[]
    }
  /** The source was there and holds no config: the machine boots with an empty one. */
  | { readonly kind: 'empty'; readonly reason: string; readonly files?: readonly ProviderFile[] }
  /** This source does not apply to this machine: ask the next one. */
  | { readonly kind: 'absent' }
  | { readonly kind: 'needs-network' }

/** Whether a source talks to a server: then a stage without the network leaves it to the next. */
export function usesNetwork(source: Source): boolean {
  switch (source.kind) {
    case 'http':
    case 'dhcp-server':
    case 'interfaces':
      return true
    case 'race':
    case 'first':
      return source.sources.some(usesNetwork)
    case 'none':
    case 'file':
    case 'firmware-file':
    case 'fw-cfg':
    case 'drive':
    case 'disc':
    case 'block-device':
    case 'vsock':
    case 'hyperv':
    case 'virtualbox':
    case 'vmware':
    case 'zvm':
    case 'architectures':
      return false
  }
}

/**
 * How a platform is told what became of each stage: a document of its metadata service names an address, and events
 * are posted beside it.
 */
export interface StatusService {
  readonly url: string
  readonly headers: Headers
  /** Field of the document that has the address. */
  readonly field: string
  /** End of the address that gives way to `path`. */
  readonly suffix: string
  readonly path: string
  /** A boot waits no longer than this for a service that is not there. */
  readonly timeoutSeconds: number
}
