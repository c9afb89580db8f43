import { Worker } from 'node:worker_threads';
import { z } from 'zod';
import type { SqliteFile } from './sqlite.ts';

/** When what is done, in frames: pages of 4 KiB. */
interface Limits {
  /** So many are copied at a time: each time costs two syncs, and a page that changed often is copied once. */
  readonly copy: number;
  /** From here on the log is begun anew as soon as all of it is copied; that one commit takes 50 ms. */
  readonly restart: number;
  /** So many whoever writes copies himself for that: they came while the last ones were copied. */
  readonly few: number;
  /** A log that grows faster than it is copied is copied by whoever writes. */
  readonly most: number;
}
/** Anew at 256 MiB, and at 1 GiB in any case. */
const usual: Limits = { copy: 8000, restart: 64_000, few: 500, most: 256_000 };

const Row = z.object({ log: z.int(), checkpointed: z.int() });

/** The statements and their answer (sqlite.org/pragma.html#pragma_wal_checkpoint). */
export const checkpoint = {
  passive: 'pragma wal_checkpoint(passive)',
  look: 'pragma wal_checkpoint(noop)',
  /** Frames in the log, -1 where there is none, and how many of them are copied. */
  read(row: unknown): { readonly frames: number; readonly copied: number } {
    const { log, checkpointed } = Row.parse(row);
    return { frames: log, copied: checkpointed };
  },
};

/** Keeps the write-ahead log short. */
export interface Checkpointer {
  /** To be called between transactions. */
  look(): void;
  close(): Promise<void>;
}

/**
 * Copies the write-ahead log into its file on another thread. SQLite itself does it in the commit that makes
 * the log long, which then takes many times as long as any other: two more syncs of the disk, and all pages
 * written again. Here that thread copies most, and a commit only what came meanwhile, once in 256 MiB.
 *
 * The thread is started when there is something to copy for the first time.
 */
export function startCheckpointer(
  path: string,
  file: SqliteFile,
  limits: Limits = usual,
): Checkpointer {
  file.exec('pragma wal_autocheckpoint = 0');
  let worker: Worker | undefined;
  let isCopying = false;
  let isAlone = false;

  const ask = () => {
    worker ??= startWorker();
    isCopying = true;
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
    worker.postMessage('copy');
  };
  const startWorker = () => {
    const made = new Worker(new URL('./checkpoint-worker.ts', import.meta.url), {
      workerData: { path },
    });
    made.unref();
    made.on('message', () => {
      isCopying = false;
    });
    // Without the thread each commit does its own share again, as SQLite does by itself.
    made.on('error', () => {
      isAlone = true;
      file.exec('pragma wal_autocheckpoint = 1000');
    });
    return made;
  };
  return {
    look() {
      if (isAlone || isCopying) return;
      try {
        const { frames, copied } = checkpoint.read(file.get(checkpoint.look));
        const left = frames - copied;
        const isLong = frames >= limits.restart;
        if (isLong && (left < limits.few || frames >= limits.most)) file.get(checkpoint.passive);
        else if (isLong || left >= limits.copy) ask();
      } catch {
        // A full or broken disk is told by the next commit, and this is tried again after it.
      }
    },
    async close() {
      await worker?.terminate();
    },
  };
}
