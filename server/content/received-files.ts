/**
 * Files that come in parts over a long time: each grows at its end, and goes on there after the sender, the way or this
 * server was away. What may not have reached the disk when this server ended is asked for again.
 */
import { type FileHandle, mkdir, open, readdir, rm, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { ContentError } from './error.ts';

/** So much at the end of a file may be lost by a power cut. */
const SYNC_BYTES = 64 * 1024 * 1024;
/** For the database and its log, which have to go on. */
const ROOM_BYTES = 256 * 1024 * 1024;

export interface ReceivedFiles {
  /** Makes sure that there is room for all of it; returns how much is here. @throws {ContentError} `content.full` */
  open(id: string, sizeBytes: number): Promise<number>;
  /**
   * Adds a part that begins where the file ends; one that begins elsewhere changes nothing. Returns how much is here then.
   * @throws {ContentError} `content.full`, `content.failed`, `content.too-long`
   */
  add(
    id: string,
    part: { readonly offset: number; readonly bytes: Uint8Array; readonly sizeBytes: number },
  ): Promise<number>;
  /** Writes it out, to be read at its path. */
  finish(id: string): Promise<string>;
  /** Takes away all from a byte on: it is wrong, and is to be sent again. */
  cut(id: string, to: number): Promise<void>;
  remove(id: string): Promise<void>;
  /** Takes away files of uploads that are over. @param live ids of those that are not, asked when the files are listed */
  sweep(live: () => Promise<ReadonlySet<string>>): Promise<void>;
}

interface Received {
  have: number;
  synced: number;
}

/** @param folder on the file system of the content, so that a whole file only needs another name */
export function openReceivedFiles(folder: string, roomBytes = ROOM_BYTES): ReceivedFiles {
  const known = new Map<string, Received>();
  const turns = new Map<string, Promise<unknown>>();
  const pathOf = (id: string): string => join(folder, id);
  /** One after another: a part that came twice must not meet itself. */
  const inTurn = async <Value>(id: string, work: () => Promise<Value>): Promise<Value> => {
    const turn = (turns.get(id) ?? Promise.resolve()).then(work, work);
    const settled = turn.catch(() => {});
    turns.set(id, settled);
    try {
      return await turn;
    } catch (error) {
      throw asContentError(error);
    } finally {
      if (turns.get(id) === settled) turns.delete(id);
    }
  };
  const look = async (id: string): Promise<Received> => {
    const before = known.get(id);
    if (before !== undefined) return before;
    await mkdir(folder, { recursive: true });
    const size = (await stat(pathOf(id)).catch(() => undefined))?.size ?? 0;
    const have = Math.max(0, size - SYNC_BYTES);
    if (size > 0) await withFile(pathOf(id), 'r+', async (file) => file.truncate(have));
    const found = { have, synced: have };
    known.set(id, found);
    return found;
  };
  const remove = async (id: string): Promise<void> =>
    inTurn(id, async () => {
      known.delete(id);
      await rm(pathOf(id), { force: true });
    });
  return {
    open: async (id, sizeBytes) =>
      inTurn(id, async () => {
        const { have } = await look(id);
        const { bavail, bsize } = await statfs(folder);
        const needed = sizeBytes - have + roomBytes;
        if (bavail * bsize >= needed) return have;
        throw new ContentError(
          'content.full',
          `The disk of the content has ${bavail * bsize} bytes free; the image needs ${needed}`,
          { hint: 'Free space in the data directory: it goes on by itself.' },
        );
      }),
    add: async (id, { offset, bytes, sizeBytes }) =>
      inTurn(id, async () => {
        const file = await look(id);
        if (offset !== file.have) return file.have;
        if (offset + bytes.length > sizeBytes)
          throw new ContentError('content.too-long', `More came than the ${sizeBytes} bytes said`, {
            hint: 'The file has changed meanwhile.',
          });
        try {
          await withFile(pathOf(id), file.have === 0 ? 'w' : 'r+', async (opened) => {
            for (let done = 0; done < bytes.length; ) {
              const { bytesWritten } = await opened.write(
                bytes,
                done,
                bytes.length - done,
                offset + done,
              );
              done += bytesWritten;
            }
            if (offset + bytes.length - file.synced < SYNC_BYTES) return;
            await opened.datasync();
            file.synced = offset + bytes.length;
          });
        } catch (error) {
          // What is behind `have` does not count.
          known.set(id, { ...file });
          throw error;
        }
        file.have += bytes.length;
        return file.have;
      }),
    finish: async (id) =>
      inTurn(id, async () => {
        await withFile(pathOf(id), 'r', async (file) => file.sync());
        return pathOf(id);
      }),
    cut: async (id, to) =>
      inTurn(id, async () => {
        await withFile(pathOf(id), 'r+', async (file) => file.truncate(to));
        known.set(id, { have: to, synced: 0 });
      }),
    remove,
    async sweep(live) {
      const ids = await readdir(folder).catch(() => []);
      if (ids.length === 0) return;
      const kept = await live();
      for (const id of ids) if (!kept.has(id)) await remove(id);
    },
  };
}

async function withFile<Value>(
  path: string,
  flags: string,
  work: (file: FileHandle) => Promise<Value>,
): Promise<Value> {
  await using file = await open(path, flags, 0o640);
  return await work(file);
}

function asContentError(error: unknown): unknown {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  if (error instanceof ContentError || typeof code !== 'string') return error;
  const reason = error instanceof Error ? error.message : String(error);
  return code === 'ENOSPC' || code === 'EDQUOT'
    ? new ContentError('content.full', `The disk of the content is full: ${reason}`, {
        hint: 'Free space in the data directory: it goes on by itself.',
        cause: error,
      })
    : new ContentError('content.failed', `The image could not be kept: ${reason}`, {
        cause: error,
      });
}
