import { statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { expect, it } from 'vitest';
import { StepError } from '../sequence/step-error.ts';
import { volumeSpace } from './volume-space.ts';

const signal = new AbortController().signal;
const mountAt = (path: string, closed: string[] = []) => ({
  mount: async () => ({
    path,
    async [Symbol.asyncDispose]() {
      closed.push(path);
    },
  }),
});
const refuses = {
  mount: async () => {
    throw new StepError('disk.mount', 'locked');
  },
};

it('is what a user may write, of the volume that is mounted for it and of the running system', async () => {
  const { bavail, bsize } = await statfs(tmpdir());
  const about = (free: number | null) => Math.abs((free ?? 0) - bavail * bsize) / (bavail * bsize);
  const closed: string[] = [];
  const wish = { volume: 'gpt:a', systemFolder: '/nowhere' };
  expect(about(await volumeSpace(mountAt(tmpdir(), closed), wish, signal))).toBeLessThan(0.1);
  expect(closed).toEqual([tmpdir()]);
  const system = { volume: null, systemFolder: tmpdir() };
  expect(about(await volumeSpace(refuses, system, signal))).toBeLessThan(0.1);
});

it('is not known where the volume cannot be mounted or read, and ends when it is cancelled', async () => {
  const wish = { volume: 'gpt:a', systemFolder: tmpdir() };
  expect(await volumeSpace(refuses, wish, signal)).toBeNull();
  expect(await volumeSpace(mountAt('/nowhere/at/all'), wish, signal)).toBeNull();
  await expect(volumeSpace(refuses, wish, AbortSignal.abort())).rejects.toThrow();
});
