import type { Kysely } from 'kysely';
import type { Tables } from '../tables.ts';
import { textColumn } from './columns.ts';

/** What opens a command prompt on the machines of a deployment; empty: nothing does. */
export async function commandPrompt(db: Kysely<Tables>): Promise<void> {
  await textColumn(db, 'deployments', { name: 'command_prompt', default: '' });
}
