import { type Kysely, sql } from 'kysely';
import type { ReportBy } from '../inventory/history.ts';
import type { Tables } from './tables.ts';

/** Counts of one group of runs or steps. */
export interface CountedRow {
  readonly name: string;
  readonly count: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly averageMs: number | null;
  readonly longestMs: number | null;
}

interface Range {
  readonly fromMs: number;
  readonly toMs: number;
}

const MOST_ROWS = 1000;
const DAY_MS = 86_400_000;

export const reports = {
  /** Counts runs that began in a time, or steps that ended in it, the most frequent first. */
  async count(db: Kysely<Tables>, by: ReportBy, range: Range): Promise<CountedRow[]> {
    switch (by) {
      case 'sequence':
        return runsBy(db, 'sequence_name', range);
      case 'model':
        return runsBy(db, 'model', range);
      case 'cause':
        return failuresByCause(db, range);
      case 'step':
        return steps(db, range);
      case 'day':
        return days(db, range);
    }
  },

  /** The sum of it all. */
  async total(db: Kysely<Tables>, range: Range): Promise<CountedRow> {
    const row = await runsIn(db, range).select(runCounts).executeTakeFirstOrThrow();
    return toCounted({ ...row, name: '' });
  },
};

function runsIn(db: Kysely<Tables>, { fromMs, toMs }: Range) {
  return db.selectFrom('runs').where('started_ms', '>=', fromMs).where('started_ms', '<', toMs);
}

/** A number or null; PostgreSQL gives sums and averages as text. */
type Sum = number | string | null;
const tookMs = sql`case when state = 'succeeded' then ended_ms - started_ms end`;
const runCounts = [
  sql<Sum>`count(*)`.as('count'),
  sql<Sum>`sum(case when state = 'succeeded' then 1 else 0 end)`.as('succeeded'),
  sql<Sum>`sum(case when state in ('failed', 'forked') then 1 else 0 end)`.as('failed'),
  sql<Sum>`avg(${tookMs})`.as('average'),
  sql<Sum>`max(${tookMs})`.as('longest'),
] as const;

async function runsBy(
  db: Kysely<Tables>,
  column: 'sequence_name' | 'model',
  range: Range,
): Promise<CountedRow[]> {
  const rows = await runsIn(db, range)
    .select(`${column} as name`)
    .select(runCounts)
    .groupBy(column)
    .orderBy('count', 'desc')
    .limit(MOST_ROWS)
    .execute();
  return rows.map(toCounted);
}

async function failuresByCause(db: Kysely<Tables>, range: Range): Promise<CountedRow[]> {
  const rows = await runsIn(db, range)
    .where('state', 'in', ['failed', 'forked'])
    .select('error_code as name')
    .select(runCounts)
    .groupBy('error_code')
    .orderBy('count', 'desc')
    .limit(MOST_ROWS)
    .execute();
  return rows.map(toCounted);
}

async function steps(db: Kysely<Tables>, { fromMs, toMs }: Range): Promise<CountedRow[]> {
  const took = sql`case when succeeded = 1 then duration_ms end`;
  const rows = await db
    .selectFrom('run_steps')
    .where('finished_ms', '>=', fromMs)
    .where('finished_ms', '<', toMs)
    .select('name')
    .select([
      sql<Sum>`count(*)`.as('count'),
      sql<Sum>`sum(succeeded)`.as('succeeded'),
      sql<Sum>`sum(1 - succeeded)`.as('failed'),
      sql<Sum>`avg(${took})`.as('average'),
      sql<Sum>`max(${took})`.as('longest'),
    ])
    .groupBy('name')
    .orderBy('count', 'desc')
    .limit(MOST_ROWS)
    .execute();
  return rows.map(toCounted);
}

/** Days in UTC, in their order. */
async function days(db: Kysely<Tables>, range: Range): Promise<CountedRow[]> {
  const day = sql<Sum>`started_ms / ${sql.lit(DAY_MS)}`;
  const rows = await runsIn(db, range)
    .select(day.as('day'))
    .select(runCounts)
    .groupBy(day)
    .orderBy('day', 'desc')
    .limit(MOST_ROWS)
    .execute();
  return rows
    .map((row) =>
      toCounted({ ...row, name: new Date(Number(row.day) * DAY_MS).toISOString().slice(0, 10) }),
    )
    .toReversed();
}

function toCounted(row: {
  readonly name: string;
  readonly count: Sum;
  readonly succeeded: Sum;
  readonly failed: Sum;
  readonly average: Sum;
  readonly longest: Sum;
}): CountedRow {
  return {
    name: row.name,
    count: Number(row.count),
    succeeded: Number(row.succeeded),
    failed: Number(row.failed),
    averageMs: row.average === null ? null : Math.round(Number(row.average)),
    longestMs: row.longest === null ? null : Number(row.longest),
  };
}
