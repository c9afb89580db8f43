import type { Kysely } from 'kysely';
import { z } from 'zod';
import type { ContentObject } from '#agent/protocol/content.ts';
import { Sha256 } from '#agent/protocol/identity.ts';
import { insertRows } from './insert-rows.ts';
import type { Tables } from './tables.ts';

/** Rows in one statement: SQLite takes 32,766 parameters. */
const ROWS = 1000;

/** An object as it is kept, wherever it is used: single instance, by its hash. */
export type KeptObject = Omit<ContentObject, 'path'>;

/** Notes the objects of a version of a package: they stay as long as it does. */
export async function keepObjects(
  db: Kysely<Tables>,
  { packageId, version }: { readonly packageId: string; readonly version: number },
  objects: readonly KeptObject[],
): Promise<void> {
  const each = [...new Map(objects.map((object) => [object.sha256, object])).values()];
  for (let at = 0; at < each.length; at += ROWS) await noteObjects(db, each.slice(at, at + ROWS));
  const rows = each.map(({ sha256 }) => ({ package_id: packageId, version, sha256 }));
  await insertRows(db, 'package_objects', rows);
}

/** Notes that objects are here, whole: they need not be sent again. */
export async function noteObjects(
  db: Kysely<Tables>,
  objects: readonly KeptObject[],
): Promise<void> {
  if (objects.length === 0) return;
  await db
    .insertInto('objects')
    .values(
      objects.map(({ sha256, sizeBytes, chunks }) => ({
        sha256,
        size_bytes: sizeBytes,
        chunks_json: JSON.stringify(chunks),
      })),
    )
    .onConflict((conflict) => conflict.column('sha256').doNothing())
    .execute();
}

const Chunks = z.array(Sha256);

/** The chunks of an object, as its row has them. */
export function chunksOf(json: string): ContentObject['chunks'] {
  return Chunks.parse(JSON.parse(json));
}
