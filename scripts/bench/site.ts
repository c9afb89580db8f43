import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { cacheDirectory } from '../cache-directory.ts';
import { inNamespace, openNetwork } from '../lab/namespace.ts';
import type { Benchmark, Figure } from './benchmark.ts';
import { DATABASES, type Database } from './databases.ts';
import { inventoryFigures } from './inventory.ts';

const AGENTS = Number(process.env['METALWRIGHT_BENCH_AGENTS'] ?? 1000);
const SECONDS = Number(process.env['METALWRIGHT_BENCH_SECONDS'] ?? 30);

/** A server under a thousand agents, on a disk that takes its time; then a site of a hundred thousand devices. */
export const site: Benchmark = {
  name: 'site',
  title: `one server under ${AGENTS} agents over TLS, each sync of the disk 5 ms slower`,
  run: async () => {
    const figures: Figure[] = [];
    for (const database of DATABASES)
      for (const figure of await underLoad(database))
        figures.push({ ...figure, what: `${database}: ${figure.what}` });
    return [...figures, ...(await inventoryFigures())];
  },
};

const Figures = z.array(
  z.object({ what: z.string(), value: z.string(), limit: z.string(), ok: z.boolean().optional() }),
);

async function underLoad(database: Database): Promise<readonly Figure[]> {
  await using network = await openNetwork();
  const directory = await mkdtemp(join(tmpdir(), 'metalwright-bench-site-'));
  await chmod(directory, 0o755); // PostgreSQL loads a library from there, as another user
  try {
    const settings = {
      directory,
      foreign: network.foreign,
      bootImages: join(cacheDirectory, 'boot-images/linux-pe-x64'),
      database,
      agents: AGENTS,
      seconds: SECONDS,
    };
    const [program, ...argv] = inNamespace(network.site, [
      process.execPath,
      join(import.meta.dirname, 'site/scenario-child.ts'),
      JSON.stringify(settings),
    ]);
    const { stdout } = await promisify(execFile)(program, argv, { maxBuffer: 1024 * 1024 });
    return Figures.parse(JSON.parse(stdout)).map(({ ok, ...rest }) => ({ ...rest, ok }));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
