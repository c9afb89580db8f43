import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig, type Plugin } from 'vitest/config';

const root = join(import.meta.dirname, '..');
process.env['NODE_COMPILE_CACHE'] ??= `${root}/node_modules/.cache/node`;

/** Modules of the store that have a stand-in when its tests run on PostgreSQL. */
const standIns: ReadonlyMap<string, string> = new Map([
  ['store/open.ts', 'server/store/postgres/test-open.ts'],
  ['store/sqlite.ts', 'server/store/postgres/test-sqlite.ts'],
]);

/** The tests of the store, of its routes and of whole servers open their database by these modules. */
const onPostgres: Plugin = {
  name: 'store-on-postgres',
  enforce: 'pre',
  resolveId(source, importer = '') {
    if (importer.includes('/store/postgres/') || !source.startsWith('.')) return null;
    const path = join(importer, '..', source);
    for (const [module, standIn] of standIns)
      if (path.endsWith(`/server/${module}`)) return join(root, standIn);
    return null;
  },
};

/** What kills servers, fills their disks, takes their databases away. */
const faults = ['server/faults/*.interop.test.ts'];

const hasPostgres = existsSync('/usr/lib/postgresql');
if (!hasPostgres && process.env['REQUIRE_PEERS'] !== '1')
  console.warn('skipped: the tests of the store on PostgreSQL; there is no /usr/lib/postgresql');

/**
 * What is held against other programs, on real disks, file systems and pages; some change what a thread has one
 * of. And what is thorough: thousands of hostile inputs, kills, properties of whole documents.
 */
export default defineConfig({
  test: {
    root,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'threads',
    maxWorkers: '100%',
    projects: [
      {
        extends: true,
        test: {
          name: 'interop',
          include: ['{agent,boot,media,server,scripts}/**/*.interop.test.ts'],
          exclude: faults,
        },
      },
      {
        extends: true,
        test: {
          // Each starts a server several times and works it hard: one after another, when all else is over.
          name: 'faults',
          include: faults,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'thorough',
          include: ['{agent,boot,media,server,scripts}/**/*.thorough.test.ts'],
          isolate: false,
        },
      },
      ...(hasPostgres || process.env['REQUIRE_PEERS'] === '1'
        ? [
            {
              extends: true as const,
              plugins: [onPostgres],
              test: {
                name: 'postgres',
                // A kept module would be found under the same URL with its stand-in and without.
                fsModuleCache: false,
                // Of the store, and what asks it by routes, workers and whole servers; archives and
                // simulations ask it nothing of their own.
                include: [
                  'server/store/**/*.test.ts',
                  'server/http/routes/operator/*.test.ts',
                  'server/webhooks/*.test.ts',
                  'server/{history,late-content,site-accounts}.test.ts',
                ],
                // These are about an SQLite file, the routes' list, what is simulated without a store, and the time
                // that an import of ten thousand takes.
                exclude: [
                  'server/store/{group,checkpoint}.test.ts',
                  'server/http/routes/operator/{access-matrix,audit,device-import,simulate}.test.ts',
                  '**/*.interop.test.ts',
                ],
                globalSetup: join(root, 'scripts/vitest.postgres-setup.ts'),
                isolate: false,
              },
            },
          ]
        : []),
    ],
  },
});
