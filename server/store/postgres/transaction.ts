import { createHash } from 'node:crypto';
import { DatabaseError } from 'pg';
import type { EngineSettings } from '../engine.ts';
import { toPlainError } from '../group.ts';
import type { LockClass } from '../lock-class.ts';
import type { CallAnswer, StoreCall } from '../messages.ts';
import type { DoTogether } from '../together.ts';
import type { PostgresConnection } from './connection.ts';
import { isConflict } from './errors.ts';

/** What became of a transaction. `unknown`: the connection broke while it was committed. */
export type Outcome =
  | { readonly kind: 'done'; readonly answers: readonly CallAnswer[] }
  | { readonly kind: 'undone'; readonly error: unknown }
  | { readonly kind: 'unknown' };

/** First key of our advisory locks (`MW`); the second says what for. Those of runs have one key of 64 bits. */
const SITE_LOCK = '19799, 1';
const MIGRATION_LOCK = '19799, 2';

/** Held by a session while it migrates. */
export const migrationLock = {
  take: `select pg_advisory_lock(${MIGRATION_LOCK})`,
  give: `select pg_advisory_unlock(${MIGRATION_LOCK})`,
};

/**
 * Runs calls of one lock class in one transaction. A call that fails is undone alone, by its savepoint;
 * whatever else goes wrong undoes them all, so that they can be run again. What can be done together is tried so
 * first, without a savepoint: where that fails, all are run one by one.
 */
export async function runTransaction(
  connection: PostgresConnection,
  lockClass: LockClass,
  calls: readonly StoreCall[],
  { perform, planTogether }: Pick<EngineSettings, 'perform' | 'planTogether'>,
): Promise<Outcome> {
  if (lockClass === 'read') return await runRead(connection, calls, perform);
  const together = planTogether(calls);
  if (together !== undefined) {
    const outcome = await runWrites(connection, lockClass, calls, { perform, together });
    const isForAll = outcome.kind !== 'undone' || isConflict(outcome.error);
    if (isForAll || !connection.isOpen()) return outcome;
  }
  return await runWrites(connection, lockClass, calls, { perform });
}

async function runWrites(
  connection: PostgresConnection,
  lockClass: LockClass,
  calls: readonly StoreCall[],
  {
    perform,
    together,
  }: { readonly perform: EngineSettings['perform']; readonly together?: DoTogether },
): Promise<Outcome> {
  const answers: CallAnswer[] = [];
  // Sent with the first statements: where it fails, they do as well, and its own reason is the one to tell.
  const begun = connection.exec(beginOf(lockClass, calls));
  try {
    const done = together === undefined ? none : await together(connection.db);
    answers.push(...done.values());
    for (const call of calls)
      if (!done.has(call.id)) answers.push(await runCall(connection, call, perform));
    await begun;
  } catch (later) {
    const error = await begun.then(
      () => later,
      (first: unknown) => first,
    );
    await connection.exec('rollback').catch(() => undefined);
    return { kind: 'undone', error };
  }
  try {
    await connection.commit();
    return { kind: 'done', answers };
  } catch (error) {
    // Told by the database: undone. Told by nobody: it may have been kept.
    return connection.isOpen() ? { kind: 'undone', error } : { kind: 'unknown' };
  }
}

/**
 * Nothing is to be kept: what begins and ends the transaction is sent along, and only the answers are waited
 * for. The calls run beside each other; where the database refuses a statement, which ends the transaction
 * for all, each is run again by itself.
 */
async function runRead(
  connection: PostgresConnection,
  calls: readonly StoreCall[],
  perform: EngineSettings['perform'],
): Promise<Outcome> {
  const begin = beginOf('read', calls);
  send(connection, begin);
  try {
    const beside = await performBeside(connection, calls, perform);
    if (beside !== undefined) {
      send(connection, 'commit');
      return { kind: 'done', answers: beside };
    }
    send(connection, 'rollback');
    send(connection, begin);
    const answers: CallAnswer[] = [];
    for (const call of calls) answers.push(await runCall(connection, call, perform));
    send(connection, 'commit');
    return { kind: 'done', answers };
  } catch (error) {
    send(connection, 'rollback');
    return { kind: 'undone', error };
  }
}

/** Answers of calls that read one moment; undefined where the database refused a statement, or is gone. */
async function performBeside(
  connection: PostgresConnection,
  calls: readonly StoreCall[],
  perform: EngineSettings['perform'],
): Promise<readonly CallAnswer[] | undefined> {
  const db = connection.reader();
  let wasRefused = false;
  const answers = await Promise.all(
    calls.map(async (call): Promise<CallAnswer> => {
      const { id } = call;
      try {
        return { id, ok: true, value: await perform(db, call) };
      } catch (error) {
        if (error instanceof DatabaseError || !connection.isOpen()) wasRefused = true;
        return { id, ok: false, error: toPlainError(error) };
      }
    }),
  );
  return wasRefused ? undefined : answers;
}

/** What is not waited for: where it is not done the connection is gone, and whatever comes next says so. */
function send(connection: PostgresConnection, sql: string): void {
  connection.exec(sql).catch(() => undefined);
}

const none: ReadonlyMap<number, CallAnswer> = new Map();

async function runCall(
  connection: PostgresConnection,
  call: StoreCall,
  perform: EngineSettings['perform'],
): Promise<CallAnswer> {
  const { id } = call;
  send(connection, 'savepoint call');
  try {
    const value = await perform(connection.db, call);
    send(connection, 'release call');
    return { id, ok: true, value };
  } catch (error) {
    if (!connection.isOpen() || isConflict(error)) throw error;
    await connection.exec('rollback to call; release call');
    return { id, ok: false, error: toPlainError(error) };
  }
}

/** All locks before the first statement, in an order that all servers keep: nobody waits in a circle. */
function beginOf(lockClass: LockClass, calls: readonly StoreCall[]): string {
  switch (lockClass) {
    case 'read':
      return 'begin isolation level repeatable read read only';
    case 'site':
      return `begin; select pg_advisory_xact_lock(${SITE_LOCK})`;
    case 'run': {
      const keys = new Set(calls.map(({ args: [run] }) => lockKey(String(run))));
      return [
        `begin; select pg_advisory_xact_lock_shared(${SITE_LOCK})`,
        // A function's rows come in its order, one after the other: so are the locks taken.
        `select pg_advisory_xact_lock(key) from unnest('{${[...keys].sort().join()}}'::bigint[]) as key`,
      ].join('; ');
    }
  }
}

/** Two runs with one key wait for each other, no more. */
function lockKey(run: string): string {
  return createHash('sha256').update(run).digest().readBigInt64LE().toString();
}
