/**
 * A disk with a cache that loses its contents with the power, as real ones do: what was not flushed is kept or lost
 * block by block, as a seed says. It is an NBD server in this process, nbdfuse in front of it and a loop device on
 * top, so the kernel's own flushes are what counts; dm-flakey and nbd are modules that not every kernel has.
 */
import { spawn } from 'node:child_process';
import { mkdir, open } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { runCommand } from './child.ts';
import { makeDisk } from './machine.ts';
import { BlockCache } from './volatile-disk/block-cache.ts';
import { serveNbd } from './volatile-disk/serve-nbd.ts';
import { waitFor } from './wait.ts';

export interface VolatileDisk extends AsyncDisposable {
  /** Block device of it, the same after each cut. */
  readonly path: string;
  /** Image of what is durable. */
  readonly image: string;
  /** From now on nothing that is written reaches it. */
  cut(): void;
  /** Power again: of the blocks that were not flushed, those that the seed keeps are there. */
  restore(): Promise<{ readonly kept: number; readonly lost: number }>;
}

/** Makes an empty one. `random` decides about each block that was not flushed when the power went. */
export async function openVolatileDisk(
  directory: string,
  options: {
    readonly sizeMiB: number;
    readonly random: () => number;
    readonly signal: AbortSignal;
  },
): Promise<VolatileDisk> {
  const { sizeMiB, random, signal } = options;
  await mkdir(directory, { recursive: true });
  const image = join(directory, 'durable.img');
  await makeDisk(image, sizeMiB);
  const file = await open(image, 'r+');
  const cache = new BlockCache(file, sizeMiB * 1024 * 1024);
  const socketPath = join(directory, 'nbd.sock');
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    serveNbd(socket, cache).catch(() => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  const mountPoint = join(directory, 'mnt');
  await mkdir(mountPoint);
  const front = join(mountPoint, 'disk.img');

  const plugIn = async (): Promise<void> => {
    const child = spawn('nbdfuse', [front, '--unix', socketPath], { stdio: 'ignore' });
    await waitFor('nbdfuse shows the disk', async () => (await isThere(front)) || undefined, {
      timeoutMs: 20_000,
      everyMs: 50,
      signal,
      evidence: () => `exit code ${child.exitCode}`,
    });
  };
  const pullOut = async (path: string): Promise<void> => {
    await runCommand(['partx', '--delete', path], { accept: [1] });
    await runCommand(['losetup', '--detach', path]);
    await runCommand(['umount', '--lazy', mountPoint], { accept: [32] });
    for (const socket of sockets) socket.destroy();
  };
  await plugIn();
  const path = (await runCommand(['losetup', '--find', '--show', front])).trim();
  return {
    path,
    image,
    cut: () => cache.cut(),
    async restore() {
      await pullOut(path);
      const counts = await cache.restore(random);
      await plugIn();
      await waitFor('the loop device is free', async () => attach(path, front), {
        timeoutMs: 20_000,
        everyMs: 100,
        signal,
      });
      // As a kernel does that finds the disk: of a loop device it reads no table by itself.
      await runCommand(['partx', '--add', path], { accept: [1] });
      return counts;
    },
    async [Symbol.asyncDispose]() {
      await pullOut(path);
      await new Promise<void>((resolve) => server.close(() => resolve()));
      await file.close();
    },
  };
}

async function isThere(path: string): Promise<boolean> {
  const file = await open(path).catch(() => undefined);
  await file?.close();
  return file !== undefined;
}

async function attach(path: string, front: string): Promise<true | undefined> {
  try {
    await runCommand(['losetup', path, front]);
    return true;
  } catch {
    return undefined;
  }
}
