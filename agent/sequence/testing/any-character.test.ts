import { sample, string } from 'fast-check';
import { expect, it } from 'vitest';
import { anyCharacter } from './any-character.ts';

it('is each character but halves of one, and knows its own', () => {
  expect(sample(anyCharacter, 1000).every((text) => text.isWellFormed())).toBe(true);
  for (const character of ['\0', 'a', '\ud7ff', '\ue000', '\u{10ffff}'])
    expect(anyCharacter.canShrinkWithoutContext(character)).toBe(true);
  for (const other of ['', 'ab', '\ud800', '\udfff', '\u{1f600}a'])
    expect(anyCharacter.canShrinkWithoutContext(other)).toBe(false);
});

it('makes texts of names that are dangerous for a program, too', () => {
  const texts = sample(string({ unit: anyCharacter, size: 'large' }), {
    numRuns: 2000,
    seed: 1,
  });
  expect(texts.some((text) => text.includes('__proto__'))).toBe(true);
});
