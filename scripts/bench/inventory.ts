import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '#server/store/open.ts';
import type { Benchmark } from './benchmark.ts';
import { benchInventory } from './site/inventory.ts';

const DEVICES = Number(process.env['METALWRIGHT_BENCH_DEVICES'] ?? 100_000);
const COLLECTIONS = Number(process.env['METALWRIGHT_BENCH_COLLECTIONS'] ?? 500);
/** `postgres://` URL of an empty database to measure instead of a file. */
const DATABASE = process.env['METALWRIGHT_BENCH_DATABASE'];

/** Collections, policy and PXE's records of a large site. */
export const inventory: Benchmark = {
  name: 'inventory',
  title: `${DEVICES} devices in ${COLLECTIONS} collections: policy, evaluation, search`,
  async run() {
    const directory = await mkdtemp(join(tmpdir(), 'metalwright-bench-inventory-'));
    try {
      const store = await openStore(DATABASE ?? join(directory, 'store.sqlite'));
      try {
        return await benchInventory(store, { devices: DEVICES, collections: COLLECTIONS });
      } finally {
        await store.close();
      }
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  },
};
