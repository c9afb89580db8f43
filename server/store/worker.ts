/**
 * The store's worker thread: owns the database's connections, takes calls as they come and hands them to
 * the engine of that database. Bundlers and tests aside it is started only by `open.ts`.
 */
import { parentPort, workerData } from 'node:worker_threads';
import type { Kysely } from 'kysely';
import { z } from 'zod';
import type { Engine, EngineSettings } from './engine.ts';
import { toPlainError } from './group.ts';
import { isPostgresUrl } from './location.ts';
import type { CallAnswer, StoreAnswer, StoreCall, StoreMessage } from './messages.ts';
import { operations } from './operations.ts';
import type { Tables } from './tables.ts';
import { goFirst } from './thread-priority.ts';
import { planTogether } from './together.ts';

const port = parentPort;
if (port === null) throw new Error('store/worker.ts runs in a worker thread only');
const { location } = z.object({ location: z.string() }).parse(workerData);

function tell(answer: StoreAnswer): void {
  port?.postMessage(answer, answer.kind === 'answers' ? answer.answers.flatMap(bytesOf) : []);
}

/** Bytes are handed over, not copied: a grant can have many megabytes. */
function bytesOf(answer: CallAnswer): ArrayBuffer[] {
  if (!answer.ok || !(answer.value instanceof Uint8Array)) return [];
  const { buffer, byteLength } = answer.value;
  // One that shares its buffer with others is copied.
  return buffer instanceof ArrayBuffer && buffer.byteLength === byteLength ? [buffer] : [];
}

type AnyOperation = (db: Kysely<Tables>, ...args: readonly unknown[]) => Promise<unknown>;
const table: ReadonlyMap<string, AnyOperation> = new Map(
  Object.entries(operations).flatMap(([aggregate, names]) =>
    Object.entries(names).map(([name, operation]): [string, AnyOperation] => [
      `${aggregate}.${name}`,
      operation as unknown as AnyOperation,
    ]),
  ),
);

async function perform(db: Kysely<Tables>, call: StoreCall): Promise<unknown> {
  const operation = table.get(`${call.aggregate}.${call.name}`);
  if (operation === undefined) throw new Error(`no operation ${call.aggregate}.${call.name}`);
  return operation(db, ...call.args);
}

async function close(engine: Engine): Promise<void> {
  await engine.close();
  tell({ kind: 'closed' });
  port?.close();
}

goFirst();
try {
  const settings: EngineSettings = {
    perform,
    planTogether,
    answer: (answers) => tell({ kind: 'answers', answers }),
  };
  // Only the driver that is used is loaded: a store opens often in tests.
  const engine = isPostgresUrl(location)
    ? await (await import('./postgres/engine.ts')).openPostgresEngine(location, settings)
    : await (await import('./sqlite-engine.ts')).openSqliteEngine(location, settings);
  port.on('message', (message: StoreMessage) => {
    if (message.kind === 'close') void close(engine);
    else for (const call of message.calls) engine.take(call);
  });
  tell({ kind: 'ready' });
} catch (error) {
  tell({ kind: 'failed', error: toPlainError(error) });
}
