import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { matchesWildcard, type WildcardMark } from './wildcard.ts';

const marksOf = (pattern: string): WildcardMark[] =>
  pattern.split('').map((mark) => {
    if (mark === '*') return 'run';
    return mark === '?' ? () => true : (character) => character === mark;
  });

/** As one would say it: the first mark, then the rest, in every way there is. */
function model(text: string, pattern: string): boolean {
  const [mark, rest] = [pattern[0], pattern.slice(1)];
  if (mark === undefined) return text === '';
  if (mark === '*') return model(text, rest) || (text !== '' && model(text.slice(1), pattern));
  return text !== '' && (mark === '?' || mark === text[0]) && model(text.slice(1), rest);
}

it('agrees with a simple model', () => {
  const [letters, marks] = [fc.constantFrom('a', 'b'), fc.constantFrom('a', 'b', '*', '?')];
  fc.assert(
    fc.property(
      fc.string({ unit: letters, maxLength: 10 }),
      fc.string({ unit: marks, maxLength: 8 }),
      (text, pattern) => {
        expect(matchesWildcard(text, marksOf(pattern))).toBe(model(text, pattern));
      },
    ),
    { numRuns: 2000 },
  );
});

it('takes text times pattern steps at most, however it is made', () => {
  let steps = 0;
  const is = (wanted: string): WildcardMark => {
    return (character) => {
      steps++;
      return character === wanted;
    };
  };
  const text = 'a'.repeat(1000);
  const run: WildcardMark[] = ['run', ...Array.from({ length: 20 }, () => is('a'))];
  const pattern = [...Array.from({ length: 20 }, () => run).flat(), 'run' as const, is('b')];
  expect(matchesWildcard(text, pattern)).toBe(false);
  expect(steps).toBeLessThan(text.length * pattern.length);
});
