import type { Kysely } from 'kysely';
import type { Tables } from '../tables.ts';
import { textColumn } from './columns.ts';

/** Which steps of a run set Windows up: until now its whole grant was read for it. */
export async function setupStepsOfRuns(db: Kysely<Tables>): Promise<void> {
  await textColumn(db, 'runs', { name: 'setup_steps', default: '' });
}
