import { expect, it } from 'vitest';
import { allDone } from './all-done.ts';

it('answers all in their order', async () => {
  const late = Promise.withResolvers<string>();
  const begun = allDone([late.promise, Promise.resolve(2)]);
  late.resolve('one');
  expect(await begun).toEqual(['one', 2]);
});

it('throws only when nothing goes on any more', async () => {
  const late = Promise.withResolvers<string>();
  let isOver = false;
  const begun = allDone([Promise.reject(new Error('no such row')), late.promise]).finally(() => {
    isOver = true;
  });
  const refused = expect(begun).rejects.toThrow('no such row');
  await new Promise((resolve) => setImmediate(resolve));
  expect(isOver).toBe(false);
  late.resolve('written');
  await refused;
});
