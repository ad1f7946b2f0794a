import { type Sourced, sourcedText } from '../../src/spec/origin.ts'
import { readConfig } from '../../src/spec/read-config.ts'

/** A config as it is read from a text, which it knows by a name. */
export async function sourcedFrom(source: string, text: string): Promise<Sourced> {
  const outcome = await readConfig(new TextEncoder().encode(text))
  if (outcome.kind !== 'config') throw new Error(`not a config: ${JSON.stringify(outcome)}`)
  return sourcedText(outcome.config, outcome.map, source)
}

/** A config of the newest versions as JSON, indented. */
export const jsonText = (parts: object): string =>
  JSON.stringify({ ignition: { version: '3.4.0' }, ...parts }, undefined, 2)
