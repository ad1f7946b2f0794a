/** Names of query parameters that carry a secret: signatures of presigned URLs, tokens, passwords. */
const secretName = /sig|token|secret|passw|credential|auth|key/i

/** A URL as it may be logged: no user name, no password, no signature, no inline data. */
export function showUrl(url: string): string {
  if (/^data:/i.test(url)) return 'a data URL'
  return url
    .replace(/^([a-z][a-z\d+.-]*:\/\/)[^/?#]*@/i, '$1')
    .replace(/([?&][^=&#]*=)([^&#]+)/g, (all, name: string) => (secretName.test(name) ? `${name}***` : all))
}
