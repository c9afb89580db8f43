import { type Kysely, sql } from 'kysely';
import { Retention } from '../inventory/history.ts';
import { forgetEnded } from './released-values.ts';
import type { Tables } from './tables.ts';

const DAY_MS = 86_400_000;
/** Runs, and other rows, that one slice takes: other calls wait no longer than that. */
const RUNS_AT_ONCE = 25;
const ROWS_AT_ONCE = 500;
/** Bits of `trimmed`, as sums: SQL that both databases know has no bits. */
const EVENTS_GONE = 1;
const LOGS_GONE = 2;
/** What a run has, and is taken away with it. */
const OF_RUNS = [
  'events',
  'logs',
  'run_steps',
  'secret_releases',
  'released_values',
  'runs',
] as const;

export const retention = {
  async get(db: Kysely<Tables>): Promise<Retention> {
    const row = await db
      .selectFrom('settings')
      .select('value_json')
      .where('name', '=', 'retention')
      .executeTakeFirst();
    return Retention.parse(row === undefined ? {} : JSON.parse(row.value_json));
  },

  async set(db: Kysely<Tables>, wish: Retention): Promise<Retention> {
    const value_json = JSON.stringify(wish);
    await db
      .insertInto('settings')
      .values({ name: 'retention', value_json })
      .onConflict((conflict) => conflict.column('name').doUpdateSet({ value_json }))
      .execute();
    return wish;
  },

  /** Takes a small part of what is too old away. Answers whether there may be more. */
  async sweep(db: Kysely<Tables>, nowMs: number): Promise<boolean> {
    const wish = await retention.get(db);
    const before = (days: number) => nowMs - days * DAY_MS;
    await db.deleteFrom('agent_tokens').where('expires_ms', '<', nowMs).execute();
    await forgetEnded(db);
    if (wish.logsDays !== null) {
      const old = await trimmable(db, wish, before(wish.logsDays), [0, EVENTS_GONE]);
      for (const { run_id, trimmed } of old) {
        await db.deleteFrom('logs').where('run_id', '=', run_id).execute();
        await noteTrimmed(db, run_id, trimmed + LOGS_GONE);
      }
      if (old.length > 0) return true;
    }
    if (wish.eventsDays !== null) {
      const old = await trimmable(db, wish, before(wish.eventsDays), [0, LOGS_GONE]);
      for (const { run_id, trimmed } of old) {
        await db.deleteFrom('events').where('run_id', '=', run_id).execute();
        await noteTrimmed(db, run_id, trimmed + EVENTS_GONE);
      }
      if (old.length > 0) return true;
    }
    if (wish.runsDays !== null && (await removeRuns(db, wish, before(wish.runsDays)))) return true;
    if (wish.silencesDays !== null)
      await db.deleteFrom('silences').where('last_ms', '<', before(wish.silencesDays)).execute();
    return wish.auditDays !== null && (await removeAudit(db, before(wish.auditDays)));
  },
};

/** Values of `trimmed`: a run of which nothing is gone to one of which all is. */
const TRIMMED = [0, EVENTS_GONE, LOGS_GONE, EVENTS_GONE + LOGS_GONE];

/** Runs that ended and were last heard of before a time, by this server's clock; but for the newest of each device. */
export function oldRuns(db: Kysely<Tables>, { keepLastRuns }: Retention, beforeMs: number) {
  return (
    db
      .selectFrom('runs')
      // As the index has it, word for word: SQLite takes a partial index for nothing else.
      .where(sql<boolean>`state in ('succeeded', 'failed', 'forked')`)
      .where('last_event_ms', '<', beforeMs)
      .where(
        sql<boolean>`(select count(*) from runs newer where newer.device_id = runs.device_id and newer.started_ms > runs.started_ms) >= ${keepLastRuns}`,
      )
      .limit(RUNS_AT_ONCE)
  );
}

async function trimmable(
  db: Kysely<Tables>,
  wish: Retention,
  beforeMs: number,
  trimmed: readonly number[],
): Promise<{ run_id: string; trimmed: number }[]> {
  return oldRuns(db, wish, beforeMs)
    .where('trimmed', 'in', trimmed)
    .select(['run_id', 'trimmed'])
    .execute();
}

async function noteTrimmed(db: Kysely<Tables>, run: string, trimmed: number): Promise<void> {
  await db.updateTable('runs').set({ trimmed }).where('run_id', '=', run).execute();
}

/** Whole runs; one of a deployment that is there still tells that it has run, and stays. */
async function removeRuns(db: Kysely<Tables>, wish: Retention, beforeMs: number): Promise<boolean> {
  const old = await oldRuns(db, wish, beforeMs)
    .where('deployment_id', 'not in', (select) =>
      select.selectFrom('deployments').select('id').where('withdrawn_ms', 'is', null),
    )
    .where('trimmed', 'in', TRIMMED)
    .select('run_id')
    .execute();
  for (const { run_id } of old)
    for (const table of OF_RUNS) await db.deleteFrom(table).where('run_id', '=', run_id).execute();
  return old.length > 0;
}

async function removeAudit(db: Kysely<Tables>, beforeMs: number): Promise<boolean> {
  const old = await db
    .selectFrom('audit')
    .select('id')
    .where('at_ms', '<', beforeMs)
    .limit(ROWS_AT_ONCE)
    .execute();
  if (old.length === 0) return false;
  await db
    .deleteFrom('audit')
    .where(
      'id',
      'in',
      old.map(({ id }) => id),
    )
    .execute();
  return true;
}
