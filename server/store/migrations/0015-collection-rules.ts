import { randomInt } from 'node:crypto';
import type { Kysely } from 'kysely';
import { RULES_COUNTER } from '../collection-counters.ts';
import type { Tables } from '../tables.ts';
import { index, numberColumn, table, textColumn } from './columns.ts';

/**
 * Rules of collections beside direct ones; who is a member is kept from now on, not found out at each
 * question. What named a device directly until now becomes a rule, and a membership where the limiting
 * collections allow it.
 */
export async function collectionRules(db: Kysely<Tables>): Promise<void> {
  await textColumn(db, 'collections', { name: 'kind', default: 'device' });
  await numberColumn(db, 'collection_members', { name: 'since_ms', default: 0 });
  await table(db, 'collection_direct_rules', { collection_id: 'text', device_id: 'text' }, [
    'collection_id',
    'device_id',
  ]);
  await index(db, 'collection_direct_rules', ['device_id']);
  await table(
    db,
    'collection_rules',
    { collection_id: 'text', kind: 'text', name_key: 'text', name: 'text', value: 'text' },
    ['collection_id', 'kind', 'name_key'],
  );
  await table(
    db,
    'collection_evaluations',
    {
      collection_id: 'text',
      member_count: 'int',
      evaluated_ms: 'int?',
      took_ms: 'int?',
      pending_ms: 'int?',
    },
    ['collection_id'],
  );
  await db
    .insertInto('collection_direct_rules')
    .columns(['collection_id', 'device_id'])
    .expression(db.selectFrom('collection_members').select(['collection_id', 'device_id']))
    .execute();
  await keepWithinLimits(db);
  await db
    .insertInto('collection_evaluations')
    .columns(['collection_id', 'member_count', 'evaluated_ms', 'took_ms', 'pending_ms'])
    .expression(
      db.selectFrom('collections').select((row) => [
        'id',
        row
          .selectFrom('collection_members')
          .whereRef('collection_members.collection_id', '=', 'collections.id')
          .select((member) => member.fn.countAll<number>().as('count'))
          .as('member_count'),
        row.lit(null).as('evaluated_ms'),
        row.lit(null).as('took_ms'),
        row.lit(0).as('pending_ms'),
      ]),
    )
    .execute();
  await db
    .insertInto('counters')
    .values({ name: RULES_COUNTER, value: randomInt(2 ** 47) })
    .execute();
}

/** A member is one only where it is one of the limiting collection too; that can have a limit itself. */
async function keepWithinLimits(db: Kysely<Tables>): Promise<void> {
  const limits = await db
    .selectFrom('collections')
    .select(['id', 'limiting_id'])
    .where('limiting_id', 'in', db.selectFrom('collections').select('id'))
    .execute();
  for (let removed = 1n; removed > 0n; ) {
    removed = 0n;
    for (const { id, limiting_id } of limits) {
      const gone = await db
        .deleteFrom('collection_members')
        .where('collection_id', '=', id)
        .where(
          'device_id',
          'not in',
          db
            .selectFrom('collection_members as outer')
            .where('outer.collection_id', '=', limiting_id)
            .select('outer.device_id'),
        )
        .executeTakeFirst();
      removed += gone.numDeletedRows;
    }
  }
}
