import type { Kysely } from 'kysely';
import type { Tables } from '../tables.ts';
import { textColumn } from './columns.ts';

/** What sequences ask of a package without reading its manifest: programs, or whether an application may be installed. */
export async function software(db: Kysely<Tables>): Promise<void> {
  await textColumn(db, 'packages', { name: 'software_json', default: '' });
}
