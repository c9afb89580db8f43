import { defineConfig } from 'vitest/config';

/** The console in Debian's chromium. Files one after another: a browser takes all of a core. */
export default defineConfig({
  test: {
    root: `${import.meta.dirname}/..`,
    include: ['server/console/**/*.browser.test.ts'],
    // axe looks at each page; on a busy machine that takes its time.
    testTimeout: 120_000,
    hookTimeout: 60_000,
    pool: 'threads',
    fileParallelism: false,
  },
});
