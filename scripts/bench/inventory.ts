import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DeviceId } from '#agent/protocol/identity.ts';
import { copyDatabase } from '#server/store/copy-database.ts';
import { openStore } from '#server/store/open.ts';
import { startTestCluster } from '#server/store/postgres/test-cluster.ts';
import type { Benchmark, Figure } from './benchmark.ts';
import { DATABASES } from './databases.ts';
import { benchInventory, fillInventory } from './site/inventory.ts';

const DEVICES = Number(process.env['METALWRIGHT_BENCH_DEVICES'] ?? 100_000);
const COLLECTIONS = Number(process.env['METALWRIGHT_BENCH_COLLECTIONS'] ?? 500);
const SIZE = { devices: DEVICES, collections: COLLECTIONS };

/** Collections, policy and PXE's records of a large site. */
export const inventory: Benchmark = {
  name: 'inventory',
  title: `${DEVICES} devices in ${COLLECTIONS} collections: policy, evaluation, search`,
  run: inventoryFigures,
};

/** The same devices in each database. */
export async function inventoryFigures(): Promise<readonly Figure[]> {
  const directory = await mkdtemp(join(tmpdir(), 'metalwright-bench-inventory-'));
  try {
    const path = join(directory, 'store.sqlite');
    const ids = await fill(path);
    const figures: Figure[] = [];
    // The file is copied before it is measured: a site without collections.
    for (const database of DATABASES.toReversed()) {
      const measured =
        database === 'sqlite' ? await measure(path, ids) : await measureOnPostgres(path, ids);
      figures.push(
        ...measured.map((figure) => ({ ...figure, what: `${database}: ${figure.what}` })),
      );
    }
    return figures;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function fill(path: string): Promise<readonly DeviceId[]> {
  const store = await openStore(path);
  try {
    return await fillInventory(store, SIZE.devices);
  } finally {
    await store.close();
  }
}

async function measure(location: string, ids: readonly DeviceId[]): Promise<readonly Figure[]> {
  const store = await openStore(location);
  try {
    return await benchInventory(store, ids, SIZE);
  } finally {
    await store.close();
  }
}

async function measureOnPostgres(path: string, ids: readonly DeviceId[]) {
  await using cluster = await startTestCluster({ fsync: true });
  cluster.createDatabase('inventory');
  cluster.ageLog();
  await copyDatabase(path, cluster.url('inventory'), { nowMs: Date.now() });
  // As the database does by itself in its first minutes; the one of tests does not.
  cluster.sql('inventory', 'vacuum analyze');
  return await measure(cluster.url('inventory'), ids);
}
