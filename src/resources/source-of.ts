import { reveal } from '../secret.ts'
import type { Resource } from '../section.ts'

/** The URL of a resource, with whatever is secret in it; empty when there is none. */
export const sourceOf = ({ source = '' }: Resource): string => reveal(source)
