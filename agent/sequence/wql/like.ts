import type { WildcardMark } from '../wildcard.ts';
import { WqlError } from './wql-error.ts';

/**
 * A pattern of LIKE: `%` any run, `_` one character, `[a-f]` or `[a=f]` one of a range, `[abc]` one of
 * these, `[^abc]` none of them; `[%]` is the character itself. Without case.
 * @param position of the pattern in its query
 * @throws {WqlError} `wql.pattern`
 */
export function parseLike(pattern: string, position: number): readonly WildcardMark[] {
  const text = pattern.toLowerCase();
  const marks: WildcardMark[] = [];
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    if (character === '%') marks.push('run');
    else if (character === '_') marks.push(() => true);
    else if (character === '[') {
      const end = text.indexOf(']', at);
      if (end < 0 || end === at + 1)
        throw new WqlError(
          'wql.pattern',
          position,
          end < 0 ? 'the [ of a pattern is never closed' : 'the [] of a pattern is empty',
          'A [ that is meant itself is written [[].',
        );
      marks.push(oneOf(text.slice(at + 1, end)));
      at = end;
    } else marks.push((other) => other === character);
  }
  return marks;
}

/** The inside of square brackets. */
function oneOf(set: string): (character: string) => boolean {
  const isNegated = set.length > 1 && set.startsWith('^');
  const ranges: { readonly from: string; readonly to: string }[] = [];
  for (let at = isNegated ? 1 : 0; at < set.length; at++) {
    const from = set.charAt(at);
    const isRange = (set[at + 1] === '-' || set[at + 1] === '=') && at + 2 < set.length;
    ranges.push({ from, to: isRange ? set.charAt(at + 2) : from });
    if (isRange) at += 2;
  }
  return (character) =>
    ranges.some(({ from, to }) => from <= character && character <= to) !== isNegated;
}
