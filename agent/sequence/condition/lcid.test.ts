import { expect, it } from 'vitest';
import { describeLcid, languageTags, lcidOf } from './lcid.ts';

it.each<[string, number]>([
  ['en-US', 1033],
  ['EN-us', 1033],
  ['de-DE', 1031],
  ['es-ES', 3082],
  ['pt-BR', 1046],
  ['zh-TW', 1028],
  ['sr-Latn-RS', 9242],
])('%s is %d', (tag, lcid) => {
  expect(lcidOf(tag)).toBe(lcid);
});

it('has each language once, as a tag that is one, with a number of its own', () => {
  expect(languageTags.length).toBeGreaterThan(150);
  const numbers = languageTags.map(lcidOf);
  expect(new Set(numbers).size).toBe(languageTags.length);
  for (const tag of languageTags) expect(Intl.getCanonicalLocales(tag)).toEqual([tag]);
});

it('gives one number of a language to all its regions', () => {
  // The lower ten bits are the language, and Bosnian, Croatian and Serbian share theirs.
  const languages = new Map<string, Set<number>>();
  for (const tag of languageTags) {
    const language = tag.split('-')[0] ?? '';
    const primary = (lcidOf(tag) ?? 0) & 0x3ff;
    languages.set(language, (languages.get(language) ?? new Set()).add(primary));
  }
  for (const [language, numbers] of languages)
    expect([language, numbers.size]).toEqual([language, 1]);
});

it('is told with its tag', () => {
  expect([describeLcid(1033), describeLcid(9)]).toEqual(['1033 (en-US)', '9']);
});
