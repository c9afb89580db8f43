import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { buildLinuxPe } from '#boot/image/linux-pe.ts';

/**
 * `node scripts/build-boot.ts [--out DIRECTORY] [--cache DIRECTORY]`: builds all that a machine boots over
 * the network into the directory that the server serves. Does nothing where nothing changed.
 */
const repository = resolve(import.meta.dirname, '..');
const { values } = parseArgs({
  options: {
    out: { type: 'string', default: join(repository, '.cache/boot-images/linux-pe-x64') },
    cache: { type: 'string', default: join(repository, '.cache/boot-build') },
  },
});
const abort = new AbortController();
process.once('SIGINT', () => abort.abort());
process.once('SIGTERM', () => abort.abort());
await buildLinuxPe({
  outDirectory: resolve(values.out),
  cacheDirectory: resolve(values.cache),
  signal: abort.signal,
  log: (line) => console.log(line),
});
