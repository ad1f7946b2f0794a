// Runs the bundle in this process over the work of a boot, then writes the code cache of each chunk beside it. A
// cache made after work holds the functions that the work compiled; one made without holds next to none.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chunkCompiler, runChunks } from './chunks.ts'
import { prepareWarmWork, type WarmRound } from './warm-work.ts'

/** A round takes well under a second; beyond this it hangs. */
const roundSeconds = 20

const [directory = '', ...names] = process.argv.slice(2)
const require = createRequire(import.meta.url)
const exitProcess = process.exit.bind(process)
const compile = chunkCompiler({
  text: (name) => readFileSync(join(directory, name), 'utf8'),
  cache: () => undefined,
})

/** Runs the program as if it were started anew; the compiled chunks stay, and grow warmer. */
async function run({ name, args }: WarmRound): Promise<number> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(
      () => reject(new Error(`took longer than ${roundSeconds} s`)),
      roundSeconds * 1000,
    )
    const exit = (code?: number) => {
      clearTimeout(late)
      resolve(code ?? Number(process.exitCode ?? 0))
    }
    process.argv = [process.execPath, name, ...args]
    process.exit = exit as typeof process.exit
    runChunks(compile, 'main.js', require)
  })
}

async function main(): Promise<void> {
  const scratch = mkdtempSync(join(tmpdir(), 'firstlight-warm-'))
  const work = await prepareWarmWork(scratch)
  try {
    for (const round of work.rounds) {
      const code = await run(round)
      const excused = round.needsRoot && process.getuid?.() !== 0
      if (code !== 0 && !excused) throw new Error(`${round.name} ${round.args.join(' ')}: exit code ${code}`)
    }
  } finally {
    work.close()
    rmSync(scratch, { recursive: true })
  }
  for (const name of names) writeFileSync(join(directory, `${name}.cache`), compile(name).createCachedData())
}

main().then(
  () => exitProcess(0),
  (error: Error) => {
    console.error(`firstlight: making the code cache failed: ${error.message}`)
    exitProcess(1)
  },
)
