import { spawnSync } from 'node:child_process';
import { copyFile, mkdtemp, open, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openStore } from '../store/open.ts';
import { seeded } from '../testing/seeded.ts';
import { type FaultSite, openFaultSite } from './testing/fault-site.ts';
import { type Load, openLoad, seedOfToday } from './testing/load.ts';

const MiB = 1024 * 1024;
/** A mount namespace of its own needs root, and a container may not have it all the same. */
const canMount = process.getuid?.() === 0 && spawnSync('unshare', ['--mount', 'true']).status === 0;
if (!canMount && process.env['REQUIRE_PEERS'] === '1')
  throw new Error('mount namespaces are needed: run as root');

/** Takes all space that is left, to the last block. @returns what gives it back */
async function fill(directory: string): Promise<() => Promise<void>> {
  const path = join(directory, 'filler');
  const file = await open(path, 'w');
  for (let block = MiB; block >= 512; )
    try {
      const { bytesWritten } = await file.write(Buffer.alloc(block));
      if (bytesWritten < block) block /= 2;
    } catch {
      block /= 2;
    }
  await file.close();
  expect((await stat(path)).size).toBeGreaterThan(MiB);
  return () => rm(path);
}

/**
 * Does something to a server under load; then every run ends. The server has gone on by itself, and said when
 * to try again each time that it refused.
 */
async function underLoad(site: FaultSite, work: (load: Load) => Promise<void>): Promise<Load> {
  const load = await openLoad(site, seeded(seedOfToday()));
  const stop = new AbortController();
  const working = load.work(stop.signal);
  await load.moreAcknowledged(20);
  await work(load);
  await load.moreAcknowledged(20);
  stop.abort();
  await working;
  expect(site.hasEnded(), site.errors()).toBe(false);
  expect(load.withoutRetryAfter()).toBe(0);
  return load;
}

/** Holds a database that nobody writes any more against what machines have. */
async function check(load: Load, file: string): Promise<void> {
  const store = await openStore(file);
  try {
    await load.check(store);
  } finally {
    await store.close();
  }
}

describe('M31 M56 SQLite under load', () => {
  it.skipIf(!canMount)(
    'refuses while the disk is full, and has each event once when there is space again',
    async () => {
      await using site = await openFaultSite({ diskBytes: 48 * MiB });
      const load = await underLoad(site, async (under) => {
        const free = await fill(site.reach());
        await under.refusedBy('store.full', 20);
        await free();
      });
      expect([...load.refusals.keys()].filter((code) => code !== 'store.full')).toEqual([]);
      // Nothing is written any more: a copy of the database with its log is what the server has.
      const copies = await mkdtemp(join(tmpdir(), 'metalwright-full-'));
      onTestFinished(() => rm(copies, { recursive: true, force: true }));
      const copy = join(copies, 'metalwright.sqlite');
      for (const part of ['', '-wal'])
        await copyFile(join(site.reach(), `metalwright.sqlite${part}`), `${copy}${part}`);
      await check(load, copy);
    },
    240_000,
  );

  it('refuses while another process holds the database for 20 s, and goes on by itself', async () => {
    await using site = await openFaultSite();
    const file = join(site.dataDirectory, 'metalwright.sqlite');
    const load = await underLoad(site, async ({ acknowledged, refusals }) => {
      const other = new DatabaseSync(file, { timeout: 10_000 });
      other.exec('begin immediate');
      const held = acknowledged();
      await delay(20_000);
      expect(refusals.get('store.busy')).toBeGreaterThan(0);
      // What was on its way when it was taken may still have been acknowledged.
      expect(acknowledged() - held).toBeLessThan(100);
      other.exec('commit');
      other.close();
    });
    expect([...load.refusals.keys()]).toEqual(['store.busy']);
    await site.stop();
    await check(load, file);
  }, 240_000);
});
