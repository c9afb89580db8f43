import type { Kysely } from 'kysely';
import type { Tables } from '../tables.ts';
import { table, textColumn } from './columns.ts';

/** Media that were made, and which of them an agent was started from. */
export async function media(db: Kysely<Tables>): Promise<void> {
  await table(
    db,
    'media',
    {
      media_id: 'text',
      kind: 'text',
      label: 'text',
      form: 'text',
      state: 'text',
      server: 'text',
      made_by: 'text',
      created_ms: 'int',
      finished_ms: 'int?',
      size_bytes: 'int',
      public_key: 'text',
      valid_from_ms: 'int?',
      valid_until_ms: 'int?',
      unknown_computers: 'int',
      password: 'int',
      facts_json: 'text',
      error_json: 'text',
      blocked_ms: 'int?',
      blocked_reason: 'text',
    },
    ['media_id'],
  );
  await textColumn(db, 'agent_tokens', { name: 'media_id', default: '' });
}
