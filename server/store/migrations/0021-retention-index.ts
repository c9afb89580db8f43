import { type Kysely, sql } from 'kysely';
import type { Tables } from '../tables.ts';

/** What the hourly sweep looks for: runs that ended, by what of them is gone and when they were last heard of. */
export async function retentionIndex(db: Kysely<Tables>): Promise<void> {
  // Of runs that ended alone: the row of one that goes on changes with each event.
  await sql`create index runs_trimmed_last_event_ms on runs (trimmed, last_event_ms)
    where state in ('succeeded', 'failed', 'forked')`.execute(db);
}
