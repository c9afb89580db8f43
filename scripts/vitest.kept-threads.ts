import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Plugin as BuildPlugin, build } from 'esbuild';
import type { Plugin } from 'vitest/config';

const root = join(import.meta.dirname, '..');
const storeFolder = join(root, 'server/store');
/** The store's worker with all modules of its folder: some keep what they have read of their one database. */
const storeWorker = join(root, 'node_modules/.cache/kept-threads/store-worker.js');
/** Modules that start a thread for each server: to load what it runs takes half a second of a core. */
const starters = ['store/open.ts', 'content/store.ts', 'sequence-reader/reader.ts'];
let built: Promise<unknown> | undefined;

/** In tests these get their threads from `kept-thread.ts`, which uses one again when it has ended. */
export const keptThreads: Plugin = {
  name: 'kept-threads',
  enforce: 'pre',
  async buildStart() {
    built ??= buildStoreWorker();
    await built;
  },
  // A module of Node's own is never looked for, so its name is replaced where it is imported.
  transform(code, id) {
    if (!starters.some((path) => id === join(root, 'server', path))) return null;
    const keptThread = JSON.stringify(join(import.meta.dirname, 'kept-thread.ts'));
    const own = code.replace("'node:worker_threads'", keptThread);
    const worker = JSON.stringify(pathToFileURL(storeWorker).href);
    return {
      code:
        dirname(id) === storeFolder ? own.replace("'./worker.ts', import.meta.url", worker) : own,
      map: null,
    };
  },
};

/** One file that a thread can run anew; what is not of the folder it imports from where it is. */
async function buildStoreWorker(): Promise<void> {
  await build({
    entryPoints: [join(storeFolder, 'worker.ts')],
    outfile: storeWorker,
    bundle: true,
    format: 'esm',
    platform: 'node',
    define: {
      'import.meta.url': JSON.stringify(pathToFileURL(join(storeFolder, 'worker.ts')).href),
    },
    plugins: [leaveOthers],
    logLevel: 'error',
  });
}

const leaveOthers: BuildPlugin = {
  name: 'leave-others',
  setup(worker) {
    worker.onResolve({ filter: /^\./ }, ({ path, resolveDir }) => {
      const file = join(resolveDir, path);
      const isOwn =
        file.startsWith(`${storeFolder}/`) && !file.startsWith(`${storeFolder}/postgres/`);
      return isOwn ? { path: file } : { path: file, external: true };
    });
    worker.onResolve({ filter: /^#/ }, ({ path }) => {
      const file = join(root, path.slice(1));
      return file.startsWith(`${storeFolder}/`) ? { path: file } : { path: file, external: true };
    });
    worker.onResolve({ filter: /^[a-z]/ }, ({ path }) => ({ path, external: true }));
  },
};
