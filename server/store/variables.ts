import type { Kysely } from 'kysely';
import type { CollectionId, DeviceId } from '#agent/protocol/identity.ts';
import { VariableChange } from '#agent/protocol/run-event.ts';
import type { Tables } from './tables.ts';

export type VariableOwner =
  | { readonly kind: 'collection'; readonly id: CollectionId }
  | { readonly kind: 'device'; readonly id: DeviceId };

export const variables = {
  async list(db: Kysely<Tables>, owner: VariableOwner): Promise<VariableChange[]> {
    const rows = await db
      .selectFrom('variables')
      .selectAll()
      .where('owner_kind', '=', owner.kind)
      .where('owner_id', '=', owner.id)
      .orderBy('name_key')
      .execute();
    return rows.map(({ name, value, secret }) =>
      VariableChange.parse({ name, value, secret: secret === 1 }),
    );
  },

  /** Sets one; an empty value deletes it. Names have no case. */
  async set(db: Kysely<Tables>, owner: VariableOwner, change: VariableChange): Promise<void> {
    const name_key = change.name.toLowerCase();
    if (change.value === '') {
      await db
        .deleteFrom('variables')
        .where('owner_kind', '=', owner.kind)
        .where('owner_id', '=', owner.id)
        .where('name_key', '=', name_key)
        .execute();
      return;
    }
    const columns = { name: change.name, value: change.value, secret: change.secret ? 1 : 0 };
    await db
      .insertInto('variables')
      .values({ owner_kind: owner.kind, owner_id: owner.id, name_key, ...columns })
      .onConflict((conflict) =>
        conflict.columns(['owner_kind', 'owner_id', 'name_key']).doUpdateSet(columns),
      )
      .execute();
  },
};
