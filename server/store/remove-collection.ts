import type { Kysely } from 'kysely';
import type { CollectionId } from '#agent/protocol/identity.ts';
import type { Collection } from '../inventory/collection.ts';
import { InventoryError } from '../inventory/error.ts';
import { noteRulesChanged } from './collection-plan.ts';
import type { Tables } from './tables.ts';

/**
 * Takes a collection away with its rules and variables; its deployments are withdrawn. Answers which.
 * @param force without it a collection with deployments stays
 * @throws {InventoryError} `collection.built-in`, `collection.in-use`, `collection.deployed`
 */
export async function removeCollection(
  db: Kysely<Tables>,
  collection: Collection,
  options: { readonly force: boolean; readonly nowMs: number },
): Promise<{ readonly withdrawn: readonly string[] }> {
  const { id, name } = collection;
  if (collection.builtIn)
    throw new InventoryError('collection.built-in', 'A built-in collection stays as it is');
  const users = await usersOf(db, id);
  if (users.length > 0)
    throw new InventoryError('collection.in-use', `"${name}" decides others: ${users.join(', ')}`, {
      hint: 'Give them another limiting collection, and take the rules with it away.',
    });
  const deployed = await db
    .selectFrom('deployments')
    .leftJoin('sequences', 'sequences.id', 'deployments.sequence_id')
    .select(['deployments.id', 'name'])
    .where('collection_id', '=', id)
    .where('withdrawn_ms', 'is', null)
    .orderBy('deployments.id')
    .execute();
  if (deployed.length > 0 && !options.force)
    throw new InventoryError(
      'collection.deployed',
      `Deployed to "${name}": ${deployed.map((row) => `"${row.name ?? ''}" (${row.id})`).join(', ')}`,
      { hint: 'Deleting it with force withdraws them; runs that have started go on.' },
    );
  await db
    .updateTable('deployments')
    .set({ withdrawn_ms: options.nowMs })
    .where('collection_id', '=', id)
    .where('withdrawn_ms', 'is', null)
    .execute();
  await db
    .deleteFrom('variables')
    .where('owner_kind', '=', 'collection')
    .where('owner_id', '=', id)
    .execute();
  for (const table of [
    'collection_rules',
    'collection_direct_rules',
    'collection_members',
    'collection_precedence',
    'collection_evaluations',
    'maintenance_windows',
  ] as const)
    await db.deleteFrom(table).where('collection_id', '=', id).execute();
  await db.deleteFrom('collections').where('id', '=', id).execute();
  await noteRulesChanged(db);
  return { withdrawn: deployed.map((row) => row.id) };
}

/** Collections that a collection decides, with how, in words. */
async function usersOf(db: Kysely<Tables>, id: CollectionId): Promise<string[]> {
  const limited = await db
    .selectFrom('collections')
    .select('name')
    .where('limiting_id', '=', id)
    .orderBy('name_key')
    .execute();
  const ruled = await db
    .selectFrom('collection_rules')
    .select(['collection_id', 'kind'])
    .where('kind', 'in', ['include', 'exclude'])
    .where('value', '=', id)
    .orderBy('collection_id')
    .execute();
  const rows = await db
    .selectFrom('collections')
    .select(['id', 'name'])
    .where('id', 'in', ['', ...ruled.map((row) => row.collection_id)])
    .execute();
  const names = new Map(rows.map((row) => [row.id, row.name]));
  return [
    ...limited.map((row) => `it limits "${row.name}"`),
    ...ruled.map((row) => `"${names.get(row.collection_id) ?? ''}" ${row.kind}s it`),
  ];
}
