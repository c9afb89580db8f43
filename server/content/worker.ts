/**
 * The content worker: hashes and writes what comes in, so that neither keeps the main thread from
 * answering. Its calls are synchronous on purpose: it has nothing else to do.
 */
import { createHash, type Hash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { z } from 'zod';
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
    const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
    const text = error instanceof Error ? error.message : String(error);
    tell({
      kind: 'failed',
      id: message.id,
      code: code === 'ENOSPC' || code === 'EDQUOT' ? 'content.full' : 'content.failed',
      message: text,
    });
  }
});

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
  }
}

/** Syncs the file, then its name: an object is there whole or not at all. */
function finish(id: number): void {
  const ingest = open.get(id);
  if (ingest === undefined) return;
  fsyncSync(ingest.fd);
  const sha256 = Sha256.parse(ingest.whole.digest('hex'));
  const folder = join(directory, sha256.slice(0, 2));
  const path = join(folder, sha256);
  mkdirSync(folder, { recursive: true });
  const isNew = !existsSync(path);
  if (!isNew) discard(id);
  else {
    closeSync(ingest.fd);
    open.delete(id);
    renameSync(ingest.path, path);
    const folderFd = openSync(folder, 'r');
    fsyncSync(folderFd);
    closeSync(folderFd);
  }
  tell({ kind: 'kept', id, isNew, sha256, chunks: ingest.chunks, sizeBytes: ingest.sizeBytes });
}

function discard(id: number): void {
  const ingest = open.get(id);
  open.delete(id);
  if (ingest === undefined) return;
  closeSync(ingest.fd);
  rmSync(ingest.path, { force: true });
}
