import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openStore } from './open.ts';
import type { Store } from './operations.ts';

let directory: string;
let store: Store;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'metalwright-open-'));
  store = await openStore(join(directory, 'store.sqlite'));
});
afterEach(async () => {
  await store.close();
  await rm(directory, { recursive: true, force: true });
});

it('refuses what cannot cross to its thread to whoever gave it alone', async () => {
  const before = store.settings.get();
  const bad = store.settings.change({ answerOn: (() => []) as never });
  const after = store.settings.change({ answerOn: ['eth1'] });
  await expect(bad).rejects.toThrow('could not be cloned');
  expect((await before).answerOn).toEqual([]);
  expect((await after).answerOn).toEqual(['eth1']);
});

it('answers what was asked before it is closed, and refuses what is asked after', async () => {
  const asked = store.settings.change({ answerOn: ['eth1'] });
  const closed = store.close();
  expect((await asked).answerOn).toEqual(['eth1']);
  await closed;
  await expect(store.settings.get()).rejects.toMatchObject({ code: 'store.closed' });
  store = await openStore(join(directory, 'store.sqlite'));
  expect((await store.settings.get()).answerOn).toEqual(['eth1']);
});
