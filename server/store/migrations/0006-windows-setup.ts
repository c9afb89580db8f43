import type { Kysely } from 'kysely';
import type { Tables } from '../tables.ts';
import { textColumn } from './columns.ts';

/** Whether a run's machine was left to Windows Setup, by the facts of the run (inventory/run.ts). */
export async function windowsSetup(db: Kysely<Tables>): Promise<void> {
  await textColumn(db, 'runs', { name: 'windows_setup', default: 'none' });
}
