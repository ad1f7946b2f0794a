/**
 * As `JSON.parse`, but its error says where, not what: V8 quotes the text around the place, and that may be a secret.
 * Throws a SyntaxError.
 */
export function parseJson(text: string, reviver?: (key: string, value: unknown) => unknown): unknown {
  try {
    return JSON.parse(text, reviver)
  } catch (error) {
    const place = error instanceof Error ? /\bat position \d+/.exec(error.message)?.[0] : undefined
    throw new SyntaxError(['it is not JSON', ...(place === undefined ? [] : [place])].join(' '))
  }
}
