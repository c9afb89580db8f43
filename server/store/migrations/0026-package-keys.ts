import type { Kysely } from 'kysely';
import type { Tables } from '../tables.ts';
import { textColumn } from './columns.ts';

/** Keys of secret packages, each sealed for its version. */
export async function packageKeys(db: Kysely<Tables>): Promise<void> {
  await textColumn(db, 'package_versions', { name: 'sealed_key', default: '' });
}
