import { expect } from 'vitest'
import { Secret } from '../../src/secret.ts'

/** Two secrets are equal when their texts are: what a private field holds, `toEqual` does not see. */
expect.addEqualityTesters([
  (one: unknown, other: unknown) => {
    if (!(one instanceof Secret) && !(other instanceof Secret)) return undefined
    return one instanceof Secret && other instanceof Secret && one.reveal() === other.reveal()
  },
])
