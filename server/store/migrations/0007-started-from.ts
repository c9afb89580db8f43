import type { Kysely } from 'kysely';
import type { Tables } from '../tables.ts';
import { textColumn } from './columns.ts';

/** Which boot image an agent was started from, as it says when it registers. */
export async function startedFrom(db: Kysely<Tables>): Promise<void> {
  await textColumn(db, 'agent_tokens', { name: 'boot_image_json', default: '' });
}
