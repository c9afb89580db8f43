import type { QueryResult } from 'pg';
import { expect, it } from 'vitest';
import { askedOnce } from './asked-once.ts';

function counting() {
  const asked: string[] = [];
  const query = askedOnce(async (text, parameters) => {
    asked.push(text);
    if (text === 'bad') throw new Error('refused');
    return result([{ text, parameters }]);
  });
  return { asked, query };
}
const result = (rows: unknown[]) =>
  ({ command: 'SELECT', rowCount: rows.length, rows, oid: 0, fields: [] }) as QueryResult;

it('asks the same question once, also while its answer is awaited', async () => {
  const { asked, query } = counting();
  const [one, two] = await Promise.all([query('a', [1, 'x', null]), query('a', [1, 'x', null])]);
  expect(await query('a', [1, 'x', null])).toEqual(one);
  expect(two).toEqual(one);
  expect(asked).toEqual(['a']);
});

it('tells questions apart by their text and by the kind of their parameters', async () => {
  const { asked, query } = counting();
  for (const parameters of [[1], ['1'], [null], ['null'], [1, 2], ['1,2']])
    await query('a', parameters);
  await query('b', [1]);
  expect(asked).toHaveLength(7);
});

it('asks again where parameters are no plain values', async () => {
  const { asked, query } = counting();
  for (const bytes of [new Uint8Array([1]), new Uint8Array([2])]) await query('a', [bytes]);
  for (const number of [2n ** 60n, 2n ** 60n + 1n]) await query('a', [number]);
  expect(asked).toHaveLength(4);
});

it('gives each its own list of rows, and the same error to all', async () => {
  const { query } = counting();
  const one = await query('a', []);
  one.rows.pop();
  expect((await query('a', [])).rows).toHaveLength(1);
  await expect(query('bad', [])).rejects.toThrow('refused');
  await expect(query('bad', [])).rejects.toThrow('refused');
});
