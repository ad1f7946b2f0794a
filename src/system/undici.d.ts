/** Undici's inner files, which are loaded one by one to keep start-up and the bundle small. */
declare module 'undici/lib/dispatcher/pool.js' {
  import type { Pool } from 'undici'

  const pool: typeof Pool
  export = pool
}
