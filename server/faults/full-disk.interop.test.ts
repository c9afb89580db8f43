import { spawnSync } from 'node:child_process';
import { copyFile, mkdtemp, open, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openStore } from '../store/open.ts';
import { type FaultSite, openFaultSite } from './testing/fault-site.ts';
import { type Load, openLoad, seeded, seedOfToday } from './testing/load.ts';

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

/** Lets every run end, stops the server, and holds what it has against what machines have. */
async function endAndCheck(
  site: FaultSite,
  ending: () => Promise<void>,
  load: Load,
): Promise<void> {
  await ending();
  expect(site.hasEnded(), site.errors()).toBe(false);
  expect(load.withoutRetryAfter()).toBe(0);
}

describe('M31 M56 SQLite under load', () => {
  it.skipIf(!canMount)(
    'refuses while the disk is full, and has each event once when there is space again',
    async () => {
      await using site = await openFaultSite({ diskBytes: 48 * MiB });
      const load = await openLoad(site, seeded(seedOfToday()));
      const stop = new AbortController();
      const working = load.work(stop.signal);
      await load.moreAcknowledged(20);
      const free = await fill(site.reach());
      await load.refusedBy('store.full', 20);
      const held = load.acknowledged();
      await free();
      await load.moreAcknowledged(20);
      expect(load.acknowledged()).toBeGreaterThan(held);
      await endAndCheck(
        site,
        async () => {
          stop.abort();
          await working;
        },
        load,
      );
      expect([...load.refusals.keys()].filter((code) => code !== 'store.full')).toEqual([]);
      // Nothing is written any more: a copy of the database with its log is what the server has.
      const copies = await mkdtemp(join(tmpdir(), 'metalwright-full-'));
      onTestFinished(() => rm(copies, { recursive: true, force: true }));
      const copy = join(copies, 'metalwright.sqlite');
      for (const part of ['', '-wal'])
        await copyFile(join(site.reach(), `metalwright.sqlite${part}`), `${copy}${part}`);
      const store = await openStore(copy);
      try {
        await load.check(store);
      } finally {
        await store.close();
      }
    },
    120_000,
  );

  it('refuses while another process holds the database for 20 s, and goes on by itself', async () => {
    await using site = await openFaultSite();
    const load = await openLoad(site, seeded(seedOfToday()));
    const stop = new AbortController();
    const working = load.work(stop.signal);
    await load.moreAcknowledged(10);
    const other = new DatabaseSync(join(site.dataDirectory, 'metalwright.sqlite'), {
      timeout: 10_000,
    });
    other.exec('begin immediate');
    const held = load.acknowledged();
    await delay(20_000);
    expect(load.refusals.get('store.busy')).toBeGreaterThan(0);
    // What was on its way when it was taken may still have been acknowledged.
    expect(load.acknowledged() - held).toBeLessThan(100);
    other.exec('commit');
    other.close();
    await load.moreAcknowledged(10);
    await endAndCheck(
      site,
      async () => {
        stop.abort();
        await working;
      },
      load,
    );
    expect([...load.refusals.keys()]).toEqual(['store.busy']);
    await site.stop();
    const store = await openStore(join(site.dataDirectory, 'metalwright.sqlite'));
    try {
      await load.check(store);
    } finally {
      await store.close();
    }
  }, 120_000);
});
