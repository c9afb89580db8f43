import { Worker } from 'node:worker_threads';
import { SequenceError } from '#agent/sequence/sequence-error.ts';
import type { ReadAnswer, ReadDocument, ReadRequest } from './messages.ts';

/** The longest text that is taken is read in a third of it. */
const TIMEOUT_MS = 60_000;
const MEMORY_MB = 1024;

/** Reads the texts of task sequences, one after another, in a worker that is started when it is needed. */
export interface SequenceReader {
  /** @throws {SequenceError} `sequence.text`, `sequence.invalid` */
  read(text: string): Promise<ReadDocument>;
  /**
   * Reads a batch. @param batch `SequenceBatch` as JSON, in bytes, which are handed over: empty afterwards
   * @returns `Batch` of the store as JSON, in bytes
   * @throws {SequenceError} `sequence.batch`, and what `read` throws
   */
  readBatch(batch: Uint8Array<ArrayBuffer>): Promise<Uint8Array>;
  close(): Promise<void>;
}

type Success = Extract<ReadAnswer, { ok: true }>;
interface Pending {
  readonly resolve: (answer: Success) => void;
  readonly reject: (error: Error) => void;
}

/** Makes a reader; nothing runs yet. */
export function createSequenceReader(timeoutMs = TIMEOUT_MS): SequenceReader {
  const pending = new Map<number, Pending>();
  let lastId = 0;
  let worker: Worker | undefined;

  const giveUp = async (reason: string): Promise<void> => {
    const ended = worker;
    worker = undefined;
    for (const { reject } of pending.values())
      reject(
        new SequenceError('sequence.text', `The task sequence could not be read: ${reason}`, {
          hint: 'Is it as large as it looks? Child sequences split a large one.',
        }),
      );
    pending.clear();
    await ended?.terminate();
  };

  const started = (): Worker => {
    if (worker !== undefined) return worker;
    const made = new Worker(new URL('./worker.ts', import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB },
    });
    made.unref();
    made.on('message', (answer: ReadAnswer) => {
      const waiter = pending.get(answer.id);
      pending.delete(answer.id);
      if (answer.ok) waiter?.resolve(answer);
      else waiter?.reject(toError(answer));
    });
    made.on('error', (error) => {
      if (worker === made) void giveUp(error instanceof Error ? error.message : String(error));
    });
    worker = made;
    return made;
  };

  const ask = async (request: ReadRequest): Promise<Success> => {
    const { promise, resolve, reject } = Promise.withResolvers<Success>();
    pending.set(request.id, { resolve, reject });
    const timer = setTimeout(() => void giveUp('it took too long'), timeoutMs);
    started().postMessage(request, 'batch' in request ? [request.batch.buffer] : []);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
    }
  };
  return {
    async read(text) {
      const answer = await ask({ id: ++lastId, text });
      if ('document' in answer) return answer.document;
      throw new Error('the answer is to another question');
    },
    async readBatch(batch) {
      const answer = await ask({ id: ++lastId, batch });
      if ('batch' in answer) return answer.batch;
      throw new Error('the answer is to another question');
    },
    close: () => giveUp('the server stops'),
  };
}

function toError(answer: Extract<ReadAnswer, { ok: false }>): SequenceError {
  const { code, message, hint, problems } = answer;
  return new SequenceError(code, message, { problems, ...(hint === undefined ? {} : { hint }) });
}
