import { defineConfig } from 'vitest/config';

// A part of src/ is soon done when only its own tests judge it; several parts, or files, are separated by commas:
// MUTATION_TESTS=policy/checks npm run mutation -- --mutate 'src/policy/checks/**/*.ts'
const parts = (process.env['MUTATION_TESTS'] ?? 'docker,policy').split(',');

/** What judges mutants (stryker.config.json): the tests of the pure core that need no Engine. */
export default defineConfig({
  test: {
    include: parts.map((part) => (part.endsWith('.ts') ? `test/${part}` : `test/${part}/**/*.test.ts`)),
    exclude: ['test/docker/facts/real-engine/**', 'test/docker/**/*-engine.test.ts'],
    // Counting which test meets which mutant makes the reader of archives some fifty times as slow.
    testTimeout: 120_000,
  },
});
