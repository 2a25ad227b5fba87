import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    expect: { poll: { timeout: 15_000 } },
    pool: 'forks',
    maxWorkers: 2,
    // Real browsers, processes and engines on a machine that others use too: a test may be tried once more. `npm test`
    // counts those that needed it, for each of them is a race to be found.
    retry: 1,
  },
})
