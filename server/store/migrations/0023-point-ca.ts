import type { Kysely } from 'kysely';
import type { Tables } from '../tables.ts';
import { textColumn } from './columns.ts';

/** The CA that the HTTPS certificate of a distribution point is of, in PEM; empty: one of the system. */
export async function pointCa(db: Kysely<Tables>): Promise<void> {
  await textColumn(db, 'distribution_points', { name: 'ca', default: '' });
}
