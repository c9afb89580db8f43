import { Worker } from 'node:worker_threads';
import { InventoryError } from '../inventory/error.ts';
import { StoreError } from './error.ts';
import type { PlainError, StoreAnswer, StoreCall, StoreMessage } from './messages.ts';
import { operations, type Store } from './operations.ts';

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Opens the store in a worker thread: one SQLite file, or a PostgreSQL database. Answers come after the
 * commit.
 *
 * @param location path of the file, or `postgres://` URL of the database
 * @param onEnd told once when the worker has ended without being closed: nothing is kept from then on
 * @param onWorker gets the worker's thread, to watch it
 * @throws {StoreError} `store.newer`, `store.busy`, `store.corrupt`, `store.read-only`, `store.failed`;
 *   for PostgreSQL also `store.unreachable`, `store.login`, `store.no-database`, `store.encoding`,
 *   `store.postgresql-version`
 */
export async function openStore(
  location: string,
  onEnd: (error: StoreError) => void = () => {},
  onWorker: (worker: Worker) => void = () => {},
): Promise<Store> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: { location } });
  onWorker(worker);
  const pending = new Map<number, Pending>();
  let lastId = 0;
  let ended: StoreError | undefined;
  let opened = false;
  let closing = false;
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has no origin
  const send = (message: StoreMessage) => worker.postMessage(message);
  const settle = (id: number) => {
    const waiter = pending.get(id);
    pending.delete(id);
    return waiter;
  };
  const failAll = (error: StoreError) => {
    if (ended === undefined && opened && !closing) onEnd(error);
    ended ??= error;
    for (const { reject } of pending.values()) reject(error);
    pending.clear();
  };
  const closed = Promise.withResolvers<void>();
  const ready = Promise.withResolvers<void>();
  worker.on('message', (answer: StoreAnswer) => {
    switch (answer.kind) {
      case 'ready':
        ready.resolve();
        return;
      case 'failed':
        ready.reject(fromPlainError(answer.error));
        void worker.terminate();
        return;
      case 'closed':
        closed.resolve();
        return;
      case 'answers':
        for (const one of answer.answers) {
          const waiter = settle(one.id);
          if (one.ok) waiter?.resolve(one.value);
          else waiter?.reject(fromPlainError(one.error));
        }
    }
  });
  worker.on('error', (error) => {
    const message = error instanceof Error ? error.message : String(error);
    failAll(new StoreError('store.failed', `The store's worker has ended: ${message}`));
    ready.reject(ended);
  });
  worker.on('exit', (code) => {
    failAll(
      closing
        ? new StoreError('store.closed', 'The store is closed')
        : new StoreError('store.failed', `The store's worker has ended by itself, code ${code}`),
    );
    ready.reject(ended);
    closed.resolve();
  });
  await ready.promise;
  opened = true;

  let waiting: StoreCall[] = [];
  const sendCalls = () => {
    const calls = waiting;
    waiting = [];
    if (calls.length > 0 && ended === undefined) sendTogether(calls);
  };
  /** An argument that cannot cross to a thread is refused to whoever gave it, and to nobody else. */
  const sendTogether = (calls: readonly StoreCall[]) => {
    try {
      send({ kind: 'calls', calls });
    } catch (error) {
      if (calls.length > 1) for (const call of calls) sendTogether([call]);
      else for (const { id } of calls) settle(id)?.reject(toError(error));
    }
  };
  const call = (aggregate: string, name: string, args: readonly unknown[]) => {
    if (ended !== undefined) return Promise.reject(ended);
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    pending.set(++lastId, { resolve, reject });
    waiting.push({ id: lastId, aggregate, name, args });
    // Calls of one turn of the event loop go in one message: a message costs more than most calls.
    if (waiting.length === 1) setImmediate(sendCalls);
    return promise;
  };
  const aggregates = Object.entries(operations).map(([aggregate, names]) => [
    aggregate,
    Object.fromEntries(
      Object.keys(names).map((name) => [
        name,
        (...args: readonly unknown[]) => call(aggregate, name, args),
      ]),
    ),
  ]);
  const close = async () => {
    closing = true;
    sendCalls();
    if (ended === undefined) send({ kind: 'close' });
    await closed.promise;
    ended ??= new StoreError('store.closed', 'The store is closed');
    await worker.terminate();
  };
  // Built from the same list the types come from: the shape is right by construction.
  return { ...Object.fromEntries(aggregates), close } as Store;
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

function fromPlainError(error: PlainError): Error {
  const { hint, problems = [] } = error;
  const options = hint === undefined ? {} : { hint };
  return error.type === 'inventory'
    ? new InventoryError(error.code, error.message, { ...options, problems })
    : new StoreError(error.code, error.message, options);
}
