import type { Kysely } from 'kysely';
import type { Tables } from '../tables.ts';
import { textColumn } from './columns.ts';

/** URLs of webhooks hold tokens: they are sealed when the server starts, which has the key. */
export async function sealedWebhookUrls(db: Kysely<Tables>): Promise<void> {
  await textColumn(db, 'webhooks', { name: 'sealed_url', default: '' });
}
