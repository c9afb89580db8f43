/**
 * The store's worker thread: owns the SQLite file, takes calls as they come and runs all that wait in
 * one transaction (`group.ts`). Bundlers and tests aside it is started only by `open.ts`.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { z } from 'zod';
import { runGroup, toPlainError } from './group.ts';
import type { CallAnswer, StoreAnswer, StoreCall, StoreMessage } from './messages.ts';
import { migrate } from './migrate.ts';
import { operations } from './operations.ts';
import { openSqlite, type SqliteFile } from './sqlite.ts';

/** Calls to one commit at most, so that nobody waits for a whole flood. */
const GROUP_LIMIT = 256;

const port = parentPort;
if (port === null) throw new Error('store/worker.ts runs in a worker thread only');
const { path } = z.object({ path: z.string() }).parse(workerData);

const waiting: StoreCall[] = [];
let closing = false;
let running = false;

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

async function serve(file: SqliteFile): Promise<void> {
  if (running) return;
  running = true;
  while (waiting.length > 0) {
    const group = waiting.splice(0, GROUP_LIMIT);
    const answers = await runGroup(file, group, (call) => perform(file, call));
    tell({ kind: 'answers', answers });
    // Lets the calls in that came meanwhile: they make the next group.
    await new Promise((resolve) => setImmediate(resolve));
  }
  running = false;
  if (closing) {
    file.close();
    tell({ kind: 'closed' });
    port?.close();
  }
}

type AnyOperation = (db: SqliteFile['db'], ...args: readonly unknown[]) => Promise<unknown>;
const table: ReadonlyMap<string, AnyOperation> = new Map(
  Object.entries(operations).flatMap(([aggregate, names]) =>
    Object.entries(names).map(([name, operation]): [string, AnyOperation] => [
      `${aggregate}.${name}`,
      operation as unknown as AnyOperation,
    ]),
  ),
);

async function perform(file: SqliteFile, call: StoreCall): Promise<unknown> {
  const operation = table.get(`${call.aggregate}.${call.name}`);
  if (operation === undefined) throw new Error(`no operation ${call.aggregate}.${call.name}`);
  return operation(file.db, ...call.args);
}

try {
  const file = openSqlite(path);
  await migrate(file);
  port.on('message', (message: StoreMessage) => {
    if (message.kind === 'close') closing = true;
    else waiting.push(message);
    void serve(file);
  });
  tell({ kind: 'ready' });
} catch (error) {
  tell({ kind: 'failed', error: toPlainError(error) });
}
