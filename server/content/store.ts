import { mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { Worker } from 'node:worker_threads';
import { CHUNK_BYTES, type ContentObject } from '#agent/protocol/content.ts';
import type { Sha256 } from '#agent/protocol/identity.ts';
import { cutChunks } from './cut-chunks.ts';
import { ContentError } from './error.ts';
import type { FromContentWorker, ToContentWorker } from './messages.ts';

/** The objects of the distribution point: files by SHA-256, below `<data>/content/ab/<sha256>`. */
export interface ContentStore {
  /**
   * Takes a stream in: hashes whole and by chunk in one pass, syncs, and keeps it under its hash. What is
   * there already is kept once.
   *
   * @param path of the object inside its package
   * @throws {ContentError} `content.full`, `content.failed`, `content.cut` (the stream failed)
   */
  ingest(stream: Readable, path: string): Promise<ContentObject>;
  /**
   * Makes a file of the same file system an object, when it is what it is said to be; it is gone from its place then.
   * Answers from which byte on it is another one, where it is.
   * @throws {ContentError} `content.full`, `content.failed`
   */
  adopt(
    path: string,
    object: ContentObject,
  ): Promise<ContentObject | { readonly fromByte: number }>;
  /**
   * Takes away what an ingest has just brought in; nothing when the object was there before. The caller
   * knows that nothing refers to it (`take-in.ts`).
   */
  remove(object: ContentObject): Promise<void>;
  /** Takes an object away, whoever brought it in; nothing when it is not there. */
  delete(sha256: Sha256): Promise<void>;
  /** The file of an object that is there, to read it in place. @throws {ContentError} `content.not-found` */
  file(sha256: Sha256): Promise<{ readonly path: string; readonly sizeBytes: number }>;
  close(): Promise<void>;
}

/** Chunks on their way to the worker: the next is filled while one is hashed and written. */
const CHUNKS_AHEAD = 2;

interface Ingest {
  /** Wakes the feeder when the worker has taken a chunk, or the waiter at the end. */
  wake: () => void;
  ahead: number;
  failed: ContentError | undefined;
  kept: Extract<FromContentWorker, { kind: 'kept' }> | undefined;
  /** Of an adopted file that is another one. */
  fromByte: number | undefined;
}

function newIngest(): Ingest {
  return { wake: () => {}, ahead: 0, failed: undefined, kept: undefined, fromByte: undefined };
}

/**
 * Opens the distribution point below a directory, with its worker thread.
 *
 * @param onEnd told once when the worker has ended without being closed: nothing is taken in from then on
 * @param onWorker gets the worker's thread, to watch it
 */
export async function openContentStore(
  directory: string,
  onEnd: (error: ContentError) => void = () => {},
  onWorker: (worker: Worker) => void = () => {},
): Promise<ContentStore> {
  await mkdir(directory, { recursive: true });
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: { directory } });
  onWorker(worker);
  const ingests = new Map<number, Ingest>();
  const broughtIn = new WeakSet<ContentObject>();
  const pathOf = (sha256: Sha256) => join(directory, sha256.slice(0, 2), sha256);
  let lastId = 0;
  let closing = false;
  let ended: ContentError | undefined;
  const send = (message: ToContentWorker, transfer: readonly ArrayBuffer[] = []) =>
    worker.postMessage(message, transfer);
  worker.on('message', (message: FromContentWorker) => {
    const ingest = ingests.get(message.id);
    if (ingest === undefined) return;
    if (message.kind === 'taken') ingest.ahead -= 1;
    else if (message.kind === 'kept') ingest.kept = message;
    else if (message.kind === 'different') ingest.fromByte = message.fromByte;
    else ingest.failed = toError(message.code, message.message);
    ingest.wake();
  });
  const failAll = (reason: string) => {
    if (ended !== undefined) return;
    ended = new ContentError('content.failed', `The content's worker has ended: ${reason}`);
    for (const ingest of ingests.values()) {
      ingest.failed ??= ended;
      ingest.wake();
    }
    if (!closing) onEnd(ended);
  };
  worker.on('error', (error) => failAll(error instanceof Error ? error.message : String(error)));
  worker.on('exit', (code) => failAll(`by itself, code ${code}`));

  const until = async (ingest: Ingest, done: () => boolean) => {
    while (!done() && ingest.failed === undefined) {
      const { promise, resolve } = Promise.withResolvers<void>();
      ingest.wake = resolve;
      await promise;
    }
    if (ingest.failed !== undefined) throw ingest.failed;
  };

  return {
    async ingest(stream, path) {
      if (ended !== undefined) throw ended;
      const id = ++lastId;
      const ingest: Ingest = newIngest();
      ingests.set(id, ingest);
      send({ kind: 'open', id });
      try {
        for await (const bytes of cutChunks(stream, CHUNK_BYTES)) {
          await until(ingest, () => ingest.ahead < CHUNKS_AHEAD);
          ingest.ahead += 1;
          send({ kind: 'chunk', id, bytes }, [bytes.buffer]);
        }
        send({ kind: 'finish', id });
        await until(ingest, () => ingest.kept !== undefined);
      } catch (error) {
        send({ kind: 'abort', id });
        stream.destroy();
        if (error instanceof ContentError) throw error;
        const message = error instanceof Error ? error.message : String(error);
        throw new ContentError('content.cut', `The upload broke off: ${message}`, {
          cause: error,
          hint: 'Send it again; nothing of it was kept.',
        });
      } finally {
        ingests.delete(id);
      }
      const { kept } = ingest;
      if (kept === undefined) throw new ContentError('content.failed', 'nothing was kept');
      const { sizeBytes, sha256 } = kept;
      const object: ContentObject = { path, sizeBytes, sha256, chunks: [...kept.chunks] };
      if (kept.isNew) broughtIn.add(object);
      return object;
    },
    async adopt(path, said) {
      if (ended !== undefined) throw ended;
      const id = ++lastId;
      const ingest: Ingest = newIngest();
      ingests.set(id, ingest);
      const { sha256, chunks } = said;
      send({ kind: 'adopt', id, path, sha256, chunks });
      try {
        await until(ingest, () => ingest.kept !== undefined || ingest.fromByte !== undefined);
      } finally {
        ingests.delete(id);
      }
      const { kept, fromByte } = ingest;
      if (kept === undefined) return { fromByte: fromByte ?? 0 };
      const object: ContentObject = { ...said, sizeBytes: kept.sizeBytes };
      if (kept.isNew) broughtIn.add(object);
      return object;
    },

    async remove(object) {
      if (broughtIn.delete(object)) await rm(pathOf(object.sha256), { force: true });
    },
    async delete(sha256) {
      await rm(pathOf(sha256), { force: true });
    },
    async file(sha256) {
      const path = pathOf(sha256);
      const found = await stat(path).catch(() => undefined);
      if (found?.isFile() !== true)
        throw new ContentError('content.not-found', `There is no object ${sha256}`);
      return { path, sizeBytes: found.size };
    },
    async close() {
      closing = true;
      await worker.terminate();
    },
  };
}

function toError(code: string, message: string): ContentError {
  return code === 'content.full'
    ? new ContentError(code, `The disk of the content is full: ${message}`, {
        hint: 'Free space in the data directory, and send it again.',
      })
    : new ContentError(code, `The object could not be kept: ${message}`);
}
