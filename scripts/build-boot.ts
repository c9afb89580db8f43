import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { buildLinuxPe } from '#boot/image/linux-pe.ts';
import { buildAgent } from './build-agent.ts';
import { withBuildLock } from './build-lock.ts';
import { cacheDirectory } from './cache-directory.ts';

/**
 * `node scripts/build-boot.ts [--out DIRECTORY] [--cache DIRECTORY]`: builds all that a machine boots over
 * the network, Linux PE and the agent, into the directory that the server serves. Does nothing where
 * nothing changed. Downloads and unpacked packages are kept in the cache, shared by all clones.
 */
const { values } = parseArgs({
  options: {
    out: { type: 'string', default: join(cacheDirectory, 'boot-images/linux-pe-x64') },
    cache: { type: 'string', default: join(cacheDirectory, 'boot-build') },
  },
});
const abort = new AbortController();
process.once('SIGINT', () => abort.abort());
process.once('SIGTERM', () => abort.abort());
const options = {
  outDirectory: resolve(values.out),
  cacheDirectory: resolve(values.cache),
  signal: abort.signal,
  log: (line: string) => console.log(line),
};
await withBuildLock(options.cacheDirectory, options, async () => {
  await buildLinuxPe(options);
  await buildAgent(options);
});
console.log(`ready: ${options.outDirectory}`);
