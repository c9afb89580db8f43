import { cp, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildConsole, hashConsole } from '#server/console/build.ts';
import { consoleFolder } from '#server/console/built-console.ts';
import { withBuildLock } from './build-lock.ts';
import { cacheDirectory } from './cache-directory.ts';

/**
 * `node scripts/build-console.ts`: builds the web console where its sources are not those of the last time. It is kept
 * in the cache by the hash of its sources, shared by all clones, and laid into this clone, where the server and its
 * service may read it.
 */
const HASH_FILE = 'sources.hash';

const abort = new AbortController();
process.once('SIGINT', () => abort.abort());
process.once('SIGTERM', () => abort.abort());
const hash = await hashConsole();
const laid = await readFile(join(consoleFolder, HASH_FILE), 'utf8').catch(() => '');
if (laid !== hash) {
  const cache = join(cacheDirectory, 'console');
  const built = join(cache, hash);
  const options = { signal: abort.signal, log: (line: string) => console.log(line) };
  await withBuildLock(cache, options, async () => {
    if (await isThere(join(built, HASH_FILE))) return;
    const startedMs = performance.now();
    const making = join(cache, `making-${process.pid}`);
    await rm(making, { recursive: true, force: true });
    await buildConsole(making);
    await writeFile(join(making, HASH_FILE), hash);
    await rm(built, { recursive: true, force: true });
    await rename(making, built);
    console.log(`console: built in ${((performance.now() - startedMs) / 1000).toFixed(1)} s`);
  });
  await lay(built);
}
console.log(`ready: ${consoleFolder}`);

/** A server that reads at this moment finds the old files or the new ones. */
async function lay(built: string): Promise<void> {
  const coming = `${consoleFolder}-${process.pid}`;
  const going = `${coming}-old`;
  await mkdir(join(consoleFolder, '..'), { recursive: true });
  await cp(built, coming, { recursive: true });
  await rename(consoleFolder, going).catch(() => {});
  await rename(coming, consoleFolder);
  await rm(going, { recursive: true, force: true });
}

async function isThere(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}
