import { SequenceError } from '#agent/sequence/sequence-error.ts';
import { InventoryError } from '../inventory/error.ts';
import { StoreError } from './error.ts';
import type { CallAnswer, PlainError, StoreCall } from './messages.ts';
import { postgresProblem } from './postgres/errors.ts';
import type { SqliteFile } from './sqlite.ts';

/** Runs operations by their names, in the transaction that is open. */
export interface Performer {
  /** Runs one. */
  readonly perform: (call: StoreCall) => Promise<unknown>;
  /** Runs those that can be run together, and answers them; absent where none can. */
  readonly together?: (() => Promise<ReadonlyMap<number, CallAnswer>>) | undefined;
}

/**
 * Runs many calls in one transaction and answers after its commit (group commit): one sync of the
 * disk for all who wait. A call that fails is undone alone, by its savepoint; a commit that fails
 * fails them all.
 */
export async function runGroup(
  file: Pick<SqliteFile, 'exec' | 'inTransaction'>,
  calls: readonly StoreCall[],
  { perform, together }: Performer,
): Promise<CallAnswer[]> {
  const alone = async <Answer>(run: () => Promise<Answer>, undone: (error: unknown) => Answer) => {
    file.exec('savepoint call');
    try {
      const answer = await run();
      file.exec('release call');
      return answer;
    } catch (error) {
      // A full disk has rolled everything back already: the whole group fails.
      if (!file.inTransaction()) throw error;
      file.exec('rollback to call; release call');
      return undone(error);
    }
  };
  try {
    file.exec('begin');
    const none: ReadonlyMap<number, CallAnswer> = new Map();
    const done = together === undefined ? none : await alone(together, () => none);
    const answers = [...done.values()];
    for (const call of calls) {
      const { id } = call;
      if (done.has(id)) continue;
      answers.push(
        await alone<CallAnswer>(
          async () => ({ id, ok: true, value: await perform(call) }),
          (error) => ({ id, ok: false, error: toPlainError(error) }),
        ),
      );
    }
    file.exec('commit');
    return answers;
  } catch (error) {
    if (file.inTransaction()) file.exec('rollback');
    const plain = toPlainError(error);
    return calls.map(({ id }) => ({ id, ok: false, error: plain }));
  }
}

/** SQLite's primary result codes (sqlite.org/rescode.html) that an operator can act on. */
const sqliteErrors: ReadonlyMap<number, { code: string; message: string; hint: string }> = new Map([
  [
    13, // SQLITE_FULL
    {
      code: 'store.full',
      message: 'The disk of the data directory is full: nothing more can be kept',
      hint: 'Free space there; the server goes on by itself, and agents send again.',
    },
  ],
  [
    10, // SQLITE_IOERR
    {
      code: 'store.io',
      message: 'The disk of the data directory fails',
      hint: 'See the kernel log, and restore the database from a backup on another disk.',
    },
  ],
  [
    8, // SQLITE_READONLY
    {
      code: 'store.read-only',
      message: 'The database cannot be written',
      hint: 'Check owner and mount of the data directory.',
    },
  ],
  [
    5, // SQLITE_BUSY
    {
      code: 'store.busy',
      message: 'Another process holds the database',
      hint: 'Only one server may use a data directory.',
    },
  ],
  [
    11, // SQLITE_CORRUPT
    {
      code: 'store.corrupt',
      message: 'The database is damaged',
      hint: 'Restore it from a backup.',
    },
  ],
]);

/** An error as plain data, with a code that can be acted on. */
export function toPlainError(error: unknown): PlainError {
  if (
    error instanceof StoreError ||
    error instanceof InventoryError ||
    error instanceof SequenceError
  )
    return {
      type: error instanceof StoreError ? 'store' : 'inventory',
      code: error.code,
      message: error.message,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
      ...(error instanceof InventoryError ? { problems: error.problems } : {}),
    };
  const message = error instanceof Error ? error.message : String(error);
  const errcode: unknown = error instanceof Error ? Reflect.get(error, 'errcode') : undefined;
  const known =
    typeof errcode === 'number' ? sqliteErrors.get(errcode & 0xff) : postgresProblem(error);
  return known === undefined
    ? { type: 'other', code: 'store.failed', message }
    : { type: 'store', ...known, message: `${known.message} (${message})` };
}
