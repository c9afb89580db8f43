import type { Kysely } from 'kysely';
import { z } from 'zod';
import { CollectionId } from '#agent/protocol/identity.ts';
import {
  builtInCollections,
  type Collection,
  DEFAULT_PRECEDENCE,
} from '../inventory/collection.ts';
import { StoreError } from './error.ts';
import type { Tables } from './tables.ts';

const Kind = z.enum(['device', 'user']);

/** The built-in ones first, then by name. */
export async function listCollections(db: Kysely<Tables>): Promise<Collection[]> {
  const rows = await db.selectFrom('collections').selectAll().orderBy('name_key').execute();
  const given = await db.selectFrom('collection_precedence').selectAll().execute();
  const numbers = new Map(given.map((row) => [row.collection_id, row.precedence]));
  return [...builtInCollections, ...rows.map(toCollection)].map((collection) => ({
    ...collection,
    precedence: numbers.get(collection.id) ?? DEFAULT_PRECEDENCE,
  }));
}

/** By id or name without case. */
export async function findCollection(db: Kysely<Tables>, text: string): Promise<Collection | null> {
  const key = text.trim().toLowerCase();
  const rows = await db
    .selectFrom('collections')
    .selectAll()
    .where((where) => where.or([where('id', '=', key.toUpperCase()), where('name_key', '=', key)]))
    .execute();
  const all = [...builtInCollections, ...rows.map(toCollection)];
  const found =
    all.find((collection) => collection.id.toLowerCase() === key) ??
    all.find((collection) => collection.name.toLowerCase() === key);
  if (found === undefined) return null;
  const given = await db
    .selectFrom('collection_precedence')
    .select('precedence')
    .where('collection_id', '=', found.id)
    .executeTakeFirst();
  return { ...found, precedence: given?.precedence ?? DEFAULT_PRECEDENCE };
}

/** A collection that limits another. @throws {StoreError} `collection.not-found` */
export async function findLimit(db: Kysely<Tables>, wanted: string): Promise<Collection> {
  const limit = await findCollection(db, wanted);
  if (limit === null)
    throw new StoreError('collection.not-found', `There is no collection "${wanted}" to limit by`);
  return limit;
}

function toCollection(row: Tables['collections']): Collection {
  return {
    id: CollectionId.parse(row.id),
    name: row.name,
    kind: Kind.parse(row.kind),
    builtIn: false,
    limitingCollection: row.limiting_id === null ? null : CollectionId.parse(row.limiting_id),
    precedence: DEFAULT_PRECEDENCE,
  };
}
