import { expect, it } from 'vitest';
import { secretTexts } from '../sequence/mask-secrets.ts';
import { HiddenValueFinder, HiddenValues, hiddenValues } from './hidden-values.ts';

async function finderOf(...values: string[]): Promise<HiddenValueFinder> {
  const told: unknown = JSON.parse(JSON.stringify(await hiddenValues(secretTexts(values))));
  return new HiddenValueFinder(HiddenValues.parse(told));
}

it('M39 values that a machine was given before take no long time: five of them and a key, in a megabyte that does not repeat itself', async () => {
  const line = (index: number) => `${String(index).padStart(4, '0')}${'k'.repeat(60)}`;
  const key = Array.from({ length: 28 }, (_, index) => line(index)).join('\n');
  const words = ['Hunter2!', 'swordfish', 'letmein', 'tr0ub4dor', 'correct horse'];
  const finder = await finderOf(key, ...words);
  let text = '';
  for (let index = 0; text.length < 1_000_000; index += 1) text += `${index * 7919} of a line, `;
  const before = performance.now();
  expect([...finder.find(`${text}swordfish`)]).toEqual(['swordfish']);
  expect(performance.now() - before).toBeLessThan(10_000);
});
