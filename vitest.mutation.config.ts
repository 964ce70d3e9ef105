import { defineConfig } from 'vitest/config';

// A part of src/ is soon done when only its own tests judge it:
// MUTATION_TESTS=policy/checks npm run mutation -- --mutate 'src/policy/checks/**/*.ts'
const { MUTATION_TESTS: part } = process.env;

/** What judges mutants (stryker.config.json): the tests of the pure core that need no Engine. */
export default defineConfig({
  test: {
    include:
      part === undefined
        ? ['test/docker/**/*.test.ts', 'test/policy/**/*.test.ts']
        : [`test/${part}/**/*.test.ts`],
    exclude: ['test/docker/facts/real-engine/**', 'test/docker/archive/real-engine.test.ts'],
    testTimeout: 20_000,
  },
});
