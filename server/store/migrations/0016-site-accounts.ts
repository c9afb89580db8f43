import type { Kysely } from 'kysely';
import type { Tables } from '../tables.ts';
import { index, table } from './columns.ts';

/** Accounts of the site, and how sure a machine must be for the secrets of a deployment. */
export async function siteAccounts(db: Kysely<Tables>): Promise<void> {
  await table(
    db,
    'site_accounts',
    {
      id: 'text',
      name: 'text',
      name_key: 'text',
      kind: 'text',
      user_name: 'text',
      password_sealed: 'text',
      position: 'int',
      changed_ms: 'int',
    },
    ['id'],
  );
  await index(db, 'site_accounts', ['name_key'], { unique: true });
  await table(db, 'deployment_secrets', { deployment_id: 'text', release_at: 'text' }, [
    'deployment_id',
  ]);
}
