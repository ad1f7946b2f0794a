/** How the bytes behind a URL scheme are had; `planned` ones are known and not built yet. */
export type Scheme =
  | { readonly kind: 'empty' }
  | { readonly kind: 'data' }
  | { readonly kind: 'http' }
  | { readonly kind: 'tftp' }
  | { readonly kind: 'planned'; readonly what: string }

/** Scheme in lower case → how to fetch it. Without a scheme a source stands for no bytes at all. */
export const schemes: Readonly<Record<string, Scheme>> = {
  '': { kind: 'empty' },
  data: { kind: 'data' },
  http: { kind: 'http' },
  https: { kind: 'http' },
  tftp: { kind: 'tftp' },
  s3: { kind: 'planned', what: 'Amazon S3' },
  arn: { kind: 'planned', what: 'Amazon S3 by ARN' },
  gs: { kind: 'planned', what: 'Google Cloud Storage' },
}

/** Scheme of a URL in lower case, without its colon; empty when there is none. */
export function schemeOf(source: string): string {
  return /^([a-z][a-z\d+.-]*):/i.exec(source)?.[1]?.toLowerCase() ?? ''
}

/** Whether a source can only be had with the network up. Unknown schemes count: they are an error then. */
export function needsNetwork(source: string): boolean {
  const scheme = schemes[schemeOf(source)]
  return scheme?.kind !== 'empty' && scheme?.kind !== 'data'
}
