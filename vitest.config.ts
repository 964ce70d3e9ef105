import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    // Two cores: more workers than that only make the Engine's answers late.
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Real Engines and clients on a busy machine: one late answer is tried again, and shown as retried.
    retry: process.env['CI'] === 'true' ? 1 : 0,
    reporters: ['default'],
  },
});
