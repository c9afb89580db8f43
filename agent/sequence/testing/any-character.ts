import { type Arbitrary, nat } from 'fast-check';

const SURROGATES_FROM = 0xd800;
const SURROGATES = 0x800;
const CODE_POINTS = 0x110000;

/**
 * Any character of Unicode, the `unit` of a text. The same as fast-check's `binary`, which keeps a table of
 * all million of them in each thread: seconds to make, and a heap that is slow to collect and to fork.
 */
export const anyCharacter: Arbitrary<string> = nat(CODE_POINTS - SURROGATES - 1).map(
  (index) => String.fromCodePoint(index < SURROGATES_FROM ? index : index + SURROGATES),
  (character) => {
    if (typeof character !== 'string') throw new TypeError('a character is text');
    const [codePoint = -1, ...others] = Array.from(character, (each) => each.codePointAt(0) ?? -1);
    const isSurrogate = codePoint >= SURROGATES_FROM && codePoint < SURROGATES_FROM + SURROGATES;
    if (codePoint < 0 || isSurrogate || others.length > 0)
      throw new TypeError('it is not one character');
    return codePoint < SURROGATES_FROM ? codePoint : codePoint - SURROGATES;
  },
);
