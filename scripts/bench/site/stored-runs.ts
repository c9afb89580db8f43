import { DatabaseSync } from 'node:sqlite';
import { Client } from 'pg';
import { z } from 'zod';

/** What a database has of one run. */
export interface StoredRun {
  readonly events: number;
  readonly lastSeq: number;
  readonly logBytes: number;
}

const Row = z.object({
  run_id: z.string(),
  events: z.coerce.number(),
  last_seq: z.coerce.number(),
  log_bytes: z.coerce.number(),
});
const QUERY =
  'select r.run_id, count(e.seq) as events, coalesce(max(e.seq), 0) as last_seq, max(r.log_bytes) as log_bytes ' +
  'from runs r left join events e on e.run_id = r.run_id group by r.run_id';

/** Counts events past the server. @param database path of an SQLite file, or URL of PostgreSQL */
export async function countRuns(database: string): Promise<ReadonlyMap<string, StoredRun>> {
  const rows = z.array(Row).parse(await query(database));
  return new Map(
    rows.map(({ run_id, events, last_seq, log_bytes }) => [
      run_id,
      { events, lastSeq: last_seq, logBytes: log_bytes },
    ]),
  );
}

async function query(database: string): Promise<unknown> {
  if (!database.startsWith('postgres')) {
    using file = new DatabaseSync(database, { readOnly: true });
    return file.prepare(QUERY).all();
  }
  const client = new Client({ connectionString: database });
  await client.connect();
  try {
    return (await client.query(QUERY)).rows;
  } finally {
    await client.end();
  }
}
