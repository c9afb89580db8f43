import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maskSecrets, secretTexts } from '../sequence/mask-secrets.ts';
import { HiddenValueFinder, HiddenValues, hiddenValues } from './hidden-values.ts';

/** As they travel. */
async function told(values: readonly string[]): Promise<HiddenValues> {
  return HiddenValues.parse(JSON.parse(JSON.stringify(await hiddenValues(secretTexts(values)))));
}
async function finderOf(...values: string[]): Promise<HiddenValueFinder> {
  return new HiddenValueFinder(await told(values));
}

describe('M39 values that a machine was given before it restarted', () => {
  it.each([
    ['at the beginning', 'Hunter2! is it'],
    ['at the end', 'it is Hunter2!'],
    ['alone', 'Hunter2!'],
    ['within a word', 'xxHunter2!xx'],
    ['in another line', 'one\r\ntwo Hunter2! three'],
  ])('are found %s', async (_where, text) => {
    const finder = await finderOf('Hunter2!');
    expect([...finder.find(text)]).toEqual(['Hunter2!']);
  });

  it('are found whatever they are, and whatever stands around them', async () => {
    const value = fc.string({ minLength: 1, maxLength: 80, unit: 'grapheme' });
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          value.filter((each) => each.trim() !== ''),
          { minLength: 1, maxLength: 4 },
        ),
        fc.string({ maxLength: 40, unit: 'grapheme' }),
        async (values, around) => {
          const finder = await finderOf(...values);
          const text = around + values.join(around) + around;
          expect([...finder.find(text)].toSorted()).toEqual(secretTexts(values).toSorted());
        },
      ),
      { numRuns: 60 },
    );
  });

  it('are known again line by line, and later, too', async () => {
    const key = '-----BEGIN KEY-----\nMIIEvQIBADANBg\n-----END KEY-----\n';
    const finder = await finderOf(key, 'pin');
    expect([...finder.find('nothing')]).toEqual([]);
    expect([...finder.find('read MIIEvQIBADANBg')]).toEqual(['MIIEvQIBADANBg']);
    expect([...finder.find('the pin')].toSorted()).toEqual(['MIIEvQIBADANBg', 'pin']);
  });

  it('are not in what is told, and what only looks like one is left', async () => {
    const values = ['correct horse battery staple', 'Hunter2!'];
    const all = await told(values);
    for (const value of values) expect(JSON.stringify(all)).not.toContain(value);
    expect(await told(values)).not.toEqual(all);
    const finder = new HiddenValueFinder(all);
    const text = 'correct horse battery stable, Hunter2? hunter2! '.repeat(500);
    expect([...finder.find(text)]).toEqual([]);
    expect(maskSecrets(text, [...finder.find(text)])).toBe(text);
  });
});
