import { SqliteAdapter, sql } from 'kysely';
import { expect, it, onTestFinished } from 'vitest';
import { Retention } from '../inventory/history.ts';
import { migrate } from './migrate.ts';
import { oldRuns } from './retention.ts';
import { openSqlite } from './sqlite.ts';

it('M56 a sweep finds what is old by an index, not by reading all runs', async () => {
  const file = openSqlite(':memory:');
  onTestFinished(() => file.close());
  await migrate(file);
  const { db } = file;
  const isSqlite = db.getExecutor().adapter instanceof SqliteAdapter;
  // PostgreSQL reads a table without rows as it is, unless it is told not to.
  if (!isSqlite) await sql`set enable_seqscan = off`.execute(db);
  const query = oldRuns(db, Retention.parse({}), 1).where('trimmed', 'in', [0, 1]).select('run_id');
  const compiled = query.compile();
  const explain = isSqlite ? 'explain query plan' : 'explain';
  const { rows } = await db.executeQuery({ ...compiled, sql: `${explain} ${compiled.sql}` });
  expect(JSON.stringify(rows)).toContain('runs_trimmed_last_event_ms');
});
