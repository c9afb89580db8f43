import type { Kysely } from 'kysely';
import type { Tables } from '../tables.ts';
import { index, table } from './columns.ts';

/** Browsers that are at the OpenID provider: what they come back with is known to any server of the site. */
export async function oidcAttempts(db: Kysely<Tables>): Promise<void> {
  await table(
    db,
    'oidc_attempts',
    { state_hash: 'text', return_to: 'text', address: 'text', expires_ms: 'int' },
    ['state_hash'],
  );
  await index(db, 'oidc_attempts', ['address']);
}
