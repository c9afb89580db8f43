import type { Kysely } from 'kysely';
import type { Tables } from '../tables.ts';
import { table, textColumn } from './columns.ts';

/** Settings of deployments, what machines say they are to start, and what each was last offered by PXE. */
export async function deploymentSettings(db: Kysely<Tables>): Promise<void> {
  await textColumn(db, 'deployments', { name: 'settings_json', default: '' });
  await textColumn(db, 'agent_tokens', { name: 'preferred_deployment', default: '' });
  await table(db, 'pxe_offers', { device_id: 'text', deployment_id: 'text', at_ms: 'int' }, [
    'device_id',
    'deployment_id',
  ]);
}
