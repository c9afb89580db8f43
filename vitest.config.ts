import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{agent,boot,media,server,scripts}/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/*.samples.test.ts'],
    testTimeout: 20_000,
    pool: 'threads',
    // One core less than there are is the default: on two that is one after another.
    maxWorkers: '100%',
  },
});
