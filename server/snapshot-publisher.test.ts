import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { DeviceId } from '#agent/protocol/identity.ts';
import type {
  NetbootDevice,
  NetbootDevices,
  NetbootFrame,
  NetbootInterface,
} from './netboot/snapshot.ts';
import { startSnapshotPublisher } from './snapshot-publisher.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const idOf = (index: number) =>
  DeviceId.parse(`00000000-0000-4000-8000-${String(index).padStart(12, '0')}`);
const device = (deviceId: string): NetbootDevice => ({
  macs: [],
  guid: null,
  target: { deviceId, name: deviceId, action: { kind: 'silent', reason: '' } },
});

/** A store that takes 50 ms for each call, and has slices of one device. */
function setUp(devices = 1) {
  const published: number[] = [];
  const changes: NetbootDevices[] = [];
  const errors: unknown[] = [];
  let failing = false;
  const interfaces: NetbootInterface[] = [];
  const empty = {
    unknown: { kind: 'silent', reason: '' },
    windows: { images: [], wimboot: false, signers: new Map() },
    excludedMacs: new Set(),
    sharedMacs: new Set(),
    answerOn: [],
  } satisfies Partial<NetbootFrame>;
  const work = async () => {
    await new Promise((resolve) => setTimeout(resolve, 50));
    if (failing) throw new Error('the disk is full');
  };
  const publisher = startSnapshotPublisher({
    store: {
      netboot: {
        async frame({ revision, bootImages, ports }) {
          await work();
          return { ...empty, revision, bootImages, ports };
        },
        async slice({ after }) {
          await work();
          const index = after === '' ? 0 : Number(after.slice(-12)) + 1;
          const id = idOf(index);
          return { devices: [device(id)], after: index === devices - 1 ? null : id };
        },
        async some(ids) {
          await work();
          return { devices: ids.map(device), gone: [] };
        },
      },
    },
    netboot: {
      publishDevices: (change) => {
        changes.push(change);
      },
      publish: async ({ revision }, { whole } = { whole: false }) => {
        published.push(whole ? revision : -revision);
      },
    },
    interfaces: () => interfaces,
    bootImages: () => new Set(['uefi-x64']),
    bootPort: 7480,
    nowMs: () => 0,
    onError: (error) => errors.push(error),
  });
  return {
    publisher,
    published,
    changes,
    errors,
    interfaces,
    fail: (now: boolean) => (failing = now),
  };
}

it('makes one snapshot of many changes, and one a minute without any', async () => {
  const { publisher, published, changes } = setUp();
  await vi.advanceTimersByTimeAsync(110);
  expect(published).toEqual([1]);
  for (let count = 0; count < 100; count++) publisher.changed();
  await vi.advanceTimersByTimeAsync(1000);
  expect(published).toEqual([1, 2]);
  expect(changes.map(({ to }) => to)).toEqual(['first', 'first']);
  await vi.advanceTimersByTimeAsync(61_000);
  expect(published).toEqual([1, 2, 3]);
  publisher.close();
  publisher.changed();
  await vi.advanceTimersByTimeAsync(120_000);
  expect(published).toEqual([1, 2, 3]);
});

it('leaves the last snapshot standing when the store fails, and goes on after', async () => {
  const { publisher, published, errors, fail } = setUp();
  await vi.advanceTimersByTimeAsync(110);
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

it('publishes a device that changed at once, ahead of a table that takes long', async () => {
  const { publisher, published, changes } = setUp(100);
  await vi.advanceTimersByTimeAsync(1000);
  publisher.changed([idOf(7)]);
  await vi.advanceTimersByTimeAsync(150);
  expect(published, 'the table is not whole yet').toEqual([]);
  expect(changes.find(({ to }) => to === 'now')?.devices).toEqual([device(idOf(7))]);
  await vi.advanceTimersByTimeAsync(4000);
  expect(published).toEqual([1]);
  publisher.changed();
  publisher.changed([]);
  await vi.advanceTimersByTimeAsync(1000);
  expect(published, 'a frame goes ahead of the pause between two tables').toEqual([1, -2]);
  publisher.changed([idOf(8)]);
  await vi.advanceTimersByTimeAsync(300);
  expect(changes.at(-1)?.devices).toEqual([device(idOf(8))]);
  await vi.advanceTimersByTimeAsync(20_000);
  expect(published).toEqual([1, -2, 3]);
  publisher.close();
});

it('M50 sees within seconds that an interface has come, changed its address, or gone', async () => {
  const { publisher, published, interfaces } = setUp();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(published).toEqual([1]);
  interfaces.push({ name: 'late0', address: '10.78.0.1', netmask: '255.255.255.0' });
  await vi.advanceTimersByTimeAsync(4000);
  expect(published).toEqual([1, -2]);
  interfaces.splice(0, 1, { name: 'late0', address: '10.78.0.9', netmask: '255.255.255.0' });
  await vi.advanceTimersByTimeAsync(4000);
  interfaces.splice(0, 1);
  await vi.advanceTimersByTimeAsync(4000);
  expect(published).toEqual([1, -2, -3, -4]);
  publisher.close();
});
