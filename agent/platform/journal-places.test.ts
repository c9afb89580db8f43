import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { journalPlaces, type SystemPartition } from './journal-places.ts';

const { signal } = new AbortController();
let root = '';
let seen: string[] = [];
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'metalwright-places-'));
  seen = [];
});
afterEach(async () => rm(root, { recursive: true }));

const partition = (diskId: string, more: Partial<SystemPartition> = {}): SystemPartition => ({
  diskId,
  where: diskId,
  async mount() {
    const path = join(root, diskId);
    await mkdir(path, { recursive: true });
    seen.push(`mount ${diskId}`);
    return { path, [Symbol.asyncDispose]: async () => void seen.push(`unmount ${diskId}`) };
  },
  ...more,
});

describe('M56 the places of a journal', () => {
  it('sync the device with each sync, where the system asks for that', async () => {
    const syncDevice = async () => void seen.push('sync device');
    const places = journalPlaces(async () => [partition('a', { syncDevice })]);
    const medium = (await places.create('any', signal)) ?? expect.fail();
    await medium.sync();
    await medium.close();
    expect(seen).toEqual(['mount a', 'sync device', 'sync device', 'unmount a']);
  });

  it('flush the volume of a journal that was made, and leave nothing open where that fails', async () => {
    const flush = async () => void seen.push('flush');
    const places = journalPlaces(async () => [partition('a', { flush })]);
    const medium = (await places.create('any', signal)) ?? expect.fail();
    await medium.sync();
    await medium.close();
    expect(await places.find(signal)).toEqual([]);
    expect(seen).toEqual(['mount a', 'flush', 'unmount a', 'mount a', 'unmount a']);
    seen = [];
    const failing = journalPlaces(async () => [
      partition('b', { flush: async () => Promise.reject(new Error('no flush')) }),
    ]);
    failing.onErase(async () => void seen.push('left'));
    await expect(failing.create('any', signal)).rejects.toThrow('no flush');
    await failing.erasing({ id: 'b' });
    expect(seen).toEqual(['mount b', 'unmount b']);
  });

  it('are those of the disk that this process made, until any will do', async () => {
    const places = journalPlaces(async () => [partition('a'), partition('b')]);
    expect(await places.create('made-here', signal)).toBeUndefined();
    await places.erasing({ id: 'b' });
    await (await places.create('made-here', signal))?.close();
    await (await places.create('any', signal))?.close();
    expect(seen).toEqual(['mount b', 'unmount b', 'mount a', 'unmount a']);
  });
});
