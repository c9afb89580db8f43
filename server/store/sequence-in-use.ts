import type { Kysely } from 'kysely';
import type { ErrorProblem } from '#agent/protocol/error.ts';
import { SequenceId } from '#agent/protocol/identity.ts';
import { InventoryError } from '../inventory/error.ts';
import { nameKey } from './sequence-rows.ts';
import { outlineOfVersion } from './sequence-standing.ts';
import type { Tables } from './tables.ts';

/**
 * Refuses to take a sequence away that is deployed, or that another one runs: in the version that is ready
 * or in its newest draft.
 *
 * @throws {InventoryError} `sequence.in-use`, with everything that uses it
 */
export async function refuseInUse(db: Kysely<Tables>, row: Tables['sequences']): Promise<void> {
  const users = [...(await deploymentsOf(db, row)), ...(await parentsOf(db, row))];
  const [first] = users;
  if (first === undefined) return;
  const more = users.length > 1 ? ` (and ${users.length - 1} more)` : '';
  throw new InventoryError(
    'sequence.in-use',
    `The task sequence "${row.name}" is in use: ${first.message}${more}`,
    {
      hint: 'Withdraw its deployments, and take the steps that run it out of other task sequences.',
      problems: users,
    },
  );
}

async function deploymentsOf(
  db: Kysely<Tables>,
  { id }: Tables['sequences'],
): Promise<ErrorProblem[]> {
  const rows = await db
    .selectFrom('deployments')
    .leftJoin('collections', 'collections.id', 'deployments.collection_id')
    .select(['deployments.id as id', 'collections.name as collection'])
    .where('sequence_id', '=', id)
    .where('withdrawn_ms', 'is', null)
    .orderBy('deployments.id')
    .execute();
  return rows.map((each) => ({
    code: 'sequence.in-use',
    message: `deployment ${each.id} to "${each.collection ?? 'a collection'}"`,
  }));
}

async function parentsOf(
  db: Kysely<Tables>,
  { id, name_key }: Tables['sequences'],
): Promise<ErrorProblem[]> {
  const others = await db
    .selectFrom('sequences')
    .selectAll()
    .where('id', '!=', id)
    .orderBy('name_key')
    .execute();
  const found: ErrorProblem[] = [];
  for (const other of others)
    for (const version of new Set([other.ready_version, other.version])) {
      if (version === 0) continue;
      const { outline } = await outlineOfVersion(db, SequenceId.parse(other.id), version);
      const place = outline.children.find(({ reference }) =>
        reference.id === undefined
          ? nameKey(reference.name ?? '') === name_key
          : reference.id === id,
      );
      if (place === undefined) continue;
      const { path, step } = place;
      found.push({
        code: 'sequence.in-use',
        message: `"${other.name}", version ${version}, runs it in step "${step}" (${path})`,
        path,
        step,
      });
    }
  return found;
}
