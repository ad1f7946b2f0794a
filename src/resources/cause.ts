/** Code of a transport's error → its words for a person at a console; `man 3 errno`, and those of Node and OpenSSL. */
const words: Readonly<Record<string, string>> = {
  ENOTFOUND: 'the name is not found',
  EAI_AGAIN: 'no name server answers',
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'the connection was reset',
  EADDRINUSE: 'the source port is taken',
  EPIPE: 'the connection was closed',
  ENETUNREACH: 'no route to the network of the server',
  EHOSTUNREACH: 'no route to the server',
  EHOSTDOWN: 'the server is down',
  ENETDOWN: 'the network is down',
  EADDRNOTAVAIL: 'this machine has no address to ask from',
  EPROTO: 'the TLS handshake failed',
  ERR_SSL_WRONG_VERSION_NUMBER: 'the TLS handshake failed: the server speaks no TLS there',
  ERR_TLS_CERT_ALTNAME_INVALID: 'TLS: the certificate is for another name',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'TLS: nobody trusted has signed the certificate',
  SELF_SIGNED_CERT_IN_CHAIN: 'TLS: nobody trusted has signed the certificate',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'TLS: nobody trusted has signed the certificate',
  UNABLE_TO_GET_ISSUER_CERT: 'TLS: nobody trusted has signed the certificate',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'TLS: nobody trusted has signed the certificate',
  CERT_HAS_EXPIRED: 'TLS: the certificate has expired',
  CERT_NOT_YET_VALID: 'TLS: the certificate is not valid yet',
}

/** What a transport's error says, in words first, with the errors inside it: several addresses that each failed, a cause. */
export function describeCause(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error instanceof AggregateError && error.errors.length > 0)
    return [...new Set(error.errors.map(describeCause))].join('; ')
  const said = error.message === '' ? error.name : error.message
  const { code = '' } = error as NodeJS.ErrnoException
  const message = Object.hasOwn(words, code) ? `${words[code]} (${said})` : said
  return error.cause instanceof Error && !message.includes(error.cause.message)
    ? `${message}: ${describeCause(error.cause)}`
    : message
}
