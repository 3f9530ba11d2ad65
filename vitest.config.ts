import { configDefaults, defineConfig } from 'vitest/config'
import { LoudSkips } from './test/harness/loud-skips.ts'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: [...configDefaults.exclude],
    globalSetup: ['test/harness/global-setup.ts'],
    reporters: ['default', new LoudSkips()],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Real databases, engines and browsers share two cores with the tests.
    maxWorkers: 2,
  },
})
