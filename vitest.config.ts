import { defineConfig } from 'vitest/config';
import { keptThreads } from './scripts/vitest.kept-threads.ts';

// The compiled code of what tests start, workers and commands: Node compiles each file once, not each time.
process.env['NODE_COMPILE_CACHE'] ??= `${import.meta.dirname}/node_modules/.cache/node`;

/**
 * Tests that touch what a thread has one of: its clock, environment, events. Each has a thread of its own;
 * all others share one thread a core, which loads each module once.
 */
const alone = [
  'agent/driver/after-run.test.ts',
  'agent/driver/end-of-run.test.ts',
  'agent/platform/linux/process-capability.test.ts',
  'server/main.test.ts',
  'server/snapshot-publisher.test.ts',
];

/** Those have commands of their own: `npm run test:samples`, `test:interop` (with the thorough ones), `test:browser`, `test:wine`. */
const ignored = ['**/node_modules/**', '**/*.{samples,interop,thorough,browser,wine}.test.ts'];

export default defineConfig({
  test: {
    testTimeout: 20_000,
    // On a machine that is busy a whole server takes longer than ten seconds to start.
    hookTimeout: 60_000,
    pool: 'threads',
    // One core less than there are is the default: on two that is one after another.
    maxWorkers: '100%',
    projects: [
      { extends: true, test: { name: 'alone', include: alone, exclude: ignored } },
      {
        extends: true,
        plugins: [keptThreads],
        test: {
          name: 'together',
          include: ['{agent,boot,media,server,scripts}/**/*.test.ts'],
          exclude: [...ignored, ...alone],
          isolate: false,
        },
      },
    ],
  },
});
