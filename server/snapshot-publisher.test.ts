import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { NetbootSnapshot } from './netboot/snapshot.ts';
import { startSnapshotPublisher } from './snapshot-publisher.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function setUp() {
  const published: number[] = [];
  const errors: unknown[] = [];
  let failing = false;
  const empty = {
    byMac: new Map(),
    byGuid: new Map(),
    unknown: { kind: 'silent', reason: '' },
    windows: { images: [], wimboot: false, signers: new Map() },
    excludedMacs: new Set(),
    sharedMacs: new Set(),
    answerOn: [],
  } satisfies Partial<NetbootSnapshot>;
  const facts = async () => {
    throw new Error('not asked here');
  };
  const publisher = startSnapshotPublisher({
    store: {
      policy: {
        facts,
        async snapshot({ revision, bootImages, ports }) {
          await new Promise((resolve) => setTimeout(resolve, 50));
          if (failing) throw new Error('the disk is full');
          return { ...empty, revision, bootImages, ports };
        },
      },
    },
    publish: async ({ revision }) => {
      published.push(revision);
    },
    interfaces: () => [],
    bootImages: () => new Set(['uefi-x64']),
    bootPort: 7480,
    nowMs: () => 0,
    onError: (error) => errors.push(error),
  });
  return { publisher, published, errors, fail: (now: boolean) => (failing = now) };
}

it('makes one snapshot of many changes, and one a minute without any', async () => {
  const { publisher, published } = setUp();
  await vi.advanceTimersByTimeAsync(60);
  expect(published).toEqual([1]);
  for (let count = 0; count < 100; count++) publisher.changed();
  await vi.advanceTimersByTimeAsync(1000);
  expect(published).toEqual([1, 2]);
  await vi.advanceTimersByTimeAsync(61_000);
  expect(published).toEqual([1, 2, 3]);
  publisher.close();
  publisher.changed();
  await vi.advanceTimersByTimeAsync(120_000);
  expect(published).toEqual([1, 2, 3]);
});

it('leaves the last snapshot standing when the store fails, and goes on after', async () => {
  const { publisher, published, errors, fail } = setUp();
  await vi.advanceTimersByTimeAsync(60);
  fail(true);
  publisher.changed();
  await vi.advanceTimersByTimeAsync(1000);
  expect(errors).toHaveLength(1);
  fail(false);
  publisher.changed();
  await vi.advanceTimersByTimeAsync(1000);
  expect(published).toEqual([1, 3]);
  publisher.close();
});
