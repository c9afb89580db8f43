import { Kysely } from 'kysely';
import { expect, it } from 'vitest';
import type { Tables } from '../tables.ts';
import { singleConnectionDialect } from './dialect.ts';
import { emptyLists } from './empty-lists.ts';

const db = new Kysely<Tables>({
  dialect: singleConnectionDialect(async () => {
    throw new Error('nothing is asked');
  }),
  plugins: [emptyLists()],
});
const none: string[] = [];

it.each([
  ['a select', db.selectFrom('runs').select('have').where('run_id', 'in', none)],
  ['an update', db.updateTable('runs').set({ have: 1 }).where('run_id', 'in', none)],
  ['a delete', db.deleteFrom('runs').where('run_id', 'in', none)],
  [
    'one of two',
    db
      .selectFrom('runs')
      .select('have')
      .where((where) => where.or([where('have', '=', 1), where('run_id', 'in', none)])),
  ],
  [
    'a query within',
    db
      .selectFrom('runs')
      .select('have')
      .where('run_id', 'in', (query) =>
        query.selectFrom('events').select('run_id').where('seq', 'not in', []),
      ),
  ],
])('no empty list goes to PostgreSQL: %s', (_name, query) => {
  expect(query.compile().sql).not.toMatch(/in \(\)/);
  expect(query.compile().sql).toMatch(/1 = [01]|false|true/);
});

it('leaves all else as it is', () => {
  const { sql, parameters } = db
    .updateTable('runs')
    .set({ state: 'failed' })
    .where('run_id', 'in', ['a', 'b'])
    .compile();
  expect(sql).toBe('update "runs" set "state" = $1 where "run_id" in ($2, $3)');
  expect(parameters).toEqual(['failed', 'a', 'b']);
});
