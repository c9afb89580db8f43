/**
 * The content worker: hashes and writes what comes in, so that neither keeps the main thread from
 * answering. Its calls are synchronous on purpose: it has nothing else to do.
 */
import { createHash, type Hash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { z } from 'zod';
import { CHUNK_BYTES } from '#agent/protocol/content.ts';
import { Sha256 } from '#agent/protocol/identity.ts';
import type { FromContentWorker, ToContentWorker } from './messages.ts';

interface Ingest {
  readonly path: string;
  readonly fd: number;
  readonly whole: Hash;
  readonly chunks: Sha256[];
  sizeBytes: number;
}

const port = parentPort;
if (port === null) throw new Error('content/worker.ts runs in a worker thread only');
const { directory } = z.object({ directory: z.string() }).parse(workerData);
const incoming = join(directory, 'incoming');
// What a killed server left half-done is nobody's.
rmSync(incoming, { recursive: true, force: true });
mkdirSync(incoming, { recursive: true });

const open = new Map<number, Ingest>();
const tell = (message: FromContentWorker) => port.postMessage(message);

port.on('message', (message: ToContentWorker) => {
  try {
    handle(message);
  } catch (error) {
    discard(message.id);
    fail(message.id, error);
  }
});

function fail(id: number, error: unknown): void {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  const message = error instanceof Error ? error.message : String(error);
  const full = code === 'ENOSPC' || code === 'EDQUOT';
  tell({ kind: 'failed', id, code: full ? 'content.full' : 'content.failed', message });
}

function handle(message: ToContentWorker): void {
  switch (message.kind) {
    case 'open': {
      const path = join(incoming, String(message.id));
      const fd = openSync(path, 'w', 0o644);
      open.set(message.id, { path, fd, whole: createHash('sha256'), chunks: [], sizeBytes: 0 });
      return;
    }
    case 'chunk': {
      const ingest = open.get(message.id);
      if (ingest === undefined) return;
      const { bytes } = message;
      ingest.whole.update(bytes);
      ingest.chunks.push(Sha256.parse(createHash('sha256').update(bytes).digest('hex')));
      for (let done = 0; done < bytes.length; ) done += writeSync(ingest.fd, bytes, done);
      ingest.sizeBytes += bytes.length;
      tell({ kind: 'taken', id: message.id });
      return;
    }
    case 'finish':
      finish(message.id);
      return;
    case 'abort':
      discard(message.id);
      return;
    case 'adopt':
      void adopt(message).catch((error: unknown) => fail(message.id, error));
  }
}

/** Reads a file chunk by chunk, what else comes between them, and gives it its name when it is right. */
async function adopt({
  id,
  path,
  sha256,
  chunks,
}: Extract<ToContentWorker, { kind: 'adopt' }>): Promise<void> {
  const whole = createHash('sha256');
  const fd = openSync(path, 'r');
  let sizeBytes = 0;
  try {
    const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
    for (const [index, wanted] of chunks.entries()) {
      let length = 0;
      for (let read = 1; read > 0 && length < CHUNK_BYTES; length += read)
        read = readSync(fd, buffer, length, CHUNK_BYTES - length, index * CHUNK_BYTES + length);
      const bytes = buffer.subarray(0, length);
      const isLast = index === chunks.length - 1;
      const isWhole = isLast ? length > 0 : length === CHUNK_BYTES;
      if (!isWhole || createHash('sha256').update(bytes).digest('hex') !== wanted)
        return tell({ kind: 'different', id, fromByte: index * CHUNK_BYTES });
      whole.update(bytes);
      sizeBytes += length;
      await new Promise((resolve) => setImmediate(resolve));
    }
    // Each chunk is as it was said to be, and the whole is not: what was said is wrong.
    if (fstatSync(fd).size !== sizeBytes || whole.digest('hex') !== sha256)
      return tell({ kind: 'different', id, fromByte: 0 });
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  const isNew = giveName(path, sha256);
  if (!isNew) rmSync(path, { force: true });
  tell({ kind: 'kept', id, isNew, sha256, chunks, sizeBytes });
}

/** Syncs the file, then its name: an object is there whole or not at all. */
function finish(id: number): void {
  const ingest = open.get(id);
  if (ingest === undefined) return;
  fsyncSync(ingest.fd);
  const sha256 = Sha256.parse(ingest.whole.digest('hex'));
  const isNew = giveName(ingest.path, sha256);
  if (isNew) {
    closeSync(ingest.fd);
    open.delete(id);
  } else discard(id);
  tell({ kind: 'kept', id, isNew, sha256, chunks: ingest.chunks, sizeBytes: ingest.sizeBytes });
}

/** False where such an object is there already: then the file is left where it is. */
function giveName(from: string, sha256: Sha256): boolean {
  const folder = join(directory, sha256.slice(0, 2));
  const path = join(folder, sha256);
  mkdirSync(folder, { recursive: true });
  if (existsSync(path)) return false;
  renameSync(from, path);
  const folderFd = openSync(folder, 'r');
  fsyncSync(folderFd);
  closeSync(folderFd);
  return true;
}

function discard(id: number): void {
  const ingest = open.get(id);
  open.delete(id);
  if (ingest === undefined) return;
  closeSync(ingest.fd);
  rmSync(ingest.path, { force: true });
}
