import { expect, test } from 'vitest'
import { mirrorOf } from '../../build/debian.ts'

test('finds the main archive among the apt sources', () => {
  const lines = [
    'https://packages.example/apt $(ORIGIN) $(LABEL) main',
    'http://security.example/debian-security/ Debian Debian-Security main',
    'http://mirror.example/debian/ Debian Debian contrib',
    'http://mirror.example/debian/ Debian Debian main',
  ]
  expect(mirrorOf(lines.join('\n'))).toBe('http://mirror.example/debian/')
})

test('takes no other archive for it', () => {
  expect(mirrorOf('http://mirror.example/ubuntu/ Ubuntu Ubuntu main')).toBeUndefined()
  expect(mirrorOf('')).toBeUndefined()
})
