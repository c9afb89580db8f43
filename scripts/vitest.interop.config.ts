import { defineConfig } from 'vitest/config';

process.env['NODE_COMPILE_CACHE'] ??= `${import.meta.dirname}/../node_modules/.cache/node`;

/** What is held against other programs, on real disks, file systems and pages. Some change what a thread has one of. */
export default defineConfig({
  test: {
    root: `${import.meta.dirname}/..`,
    include: ['{agent,boot,media,server,scripts}/**/*.interop.test.ts'],
    testTimeout: 60_000,
    pool: 'threads',
    maxWorkers: '100%',
  },
});
