import { defineConfig } from 'vitest/config';

/** Programs of Windows run by Wine. One file after another: each start of Wine takes all of a core. */
export default defineConfig({
  test: {
    root: `${import.meta.dirname}/..`,
    include: ['{agent,boot,media,server,scripts}/**/*.wine.test.ts'],
    testTimeout: 120_000,
    pool: 'threads',
    isolate: false,
    fileParallelism: false,
  },
});
