/** How the bytes behind a URL scheme are had. */
export type Scheme =
  | { readonly kind: 'empty' }
  | { readonly kind: 'data' }
  | { readonly kind: 'http' }
  | { readonly kind: 'tftp' }
  | { readonly kind: 's3' }
  | { readonly kind: 'gs' }

/** Scheme in lower case → how to fetch it. Without a scheme a source stands for no bytes at all. */
export const schemes: Readonly<Record<string, Scheme>> = {
  '': { kind: 'empty' },
  data: { kind: 'data' },
  http: { kind: 'http' },
  https: { kind: 'http' },
  tftp: { kind: 'tftp' },
  s3: { kind: 's3' },
  arn: { kind: 's3' },
  gs: { kind: 'gs' },
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
