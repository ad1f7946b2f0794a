import { defineConfig } from 'vitest/config'

const layer = (name: string, include: string[], timeoutSeconds: number) => ({
  extends: true as const,
  test: { name, include, testTimeout: timeoutSeconds * 1000, hookTimeout: timeoutSeconds * 1000 },
})

const oneByOne = ({ test, ...rest }: ReturnType<typeof layer>) => ({
  ...rest,
  test: { ...test, fileParallelism: false },
})

/** One project for each test layer that vitest runs; `build/test.ts` runs them in this order. */
export default defineConfig({
  test: {
    setupFiles: ['test/helpers/secret-equality.ts'],
    projects: [
      layer('unit', ['test/**/*.test.ts', '!test/{property,seam,blackbox,boot,lab}/**'], 20),
      layer('property', ['test/property/**/*.test.ts'], 120),
      layer('seam', ['test/{seam,blackbox}/**/*.test.ts'], 60),
      // One machine at a time: an emulated one keeps two cores busy.
      oneByOne(layer('lab', ['test/lab/**/*.test.ts'], 300)),
      oneByOne(layer('boot', ['test/boot/**/*.test.ts'], 600)),
    ],
    execArgv: ['--disable-warning=ExperimentalWarning'],
  },
})
