import type { Kysely } from 'kysely';
import type { Tables } from '../tables.ts';
import { table } from './columns.ts';

/** How single machines and models are started from the network, and what is known of their Secure Boot. */
export async function bootChains(db: Kysely<Tables>): Promise<void> {
  await table(
    db,
    'boot_chains',
    { scope: 'text', key: 'text', label: 'text', settings_json: 'text' },
    ['scope', 'key'],
  );
  await table(
    db,
    'signer_memory',
    {
      machine_key: 'text',
      mac: 'text?',
      signer: 'text',
      failures: 'int',
      loaded: 'int',
      changed_ms: 'int',
    },
    ['machine_key'],
  );
}
