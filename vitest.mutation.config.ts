import { defineConfig } from 'vitest/config';

/** What judges mutants (stryker.config.json): the tests of the pure core that need no Engine. */
export default defineConfig({
  test: {
    include: ['test/docker/**/*.test.ts', 'test/policy/**/*.test.ts'],
    exclude: ['test/docker/facts/real-engine/**'],
    testTimeout: 20_000,
  },
});
