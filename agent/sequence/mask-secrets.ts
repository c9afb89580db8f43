/** What is printed in the place of a secret. */
export const HIDDEN = '********';

/**
 * A value of one or two characters is hidden only where it stands alone. Elsewhere it would blank out
 * every text, and the gaps would tell it: `s********cret` has one letter to guess.
 */
const SHORT = 2;
/** Each line of a secret of several lines, a key, is hidden by itself if it is as long as this. */
const LINE = 8;
const WORD = /[\p{L}\p{N}_]/u;

/** What to look for in texts, from the values of secrets: each once, none that is blank. */
export function secretTexts(values: Iterable<string>): readonly string[] {
  const texts = new Set<string>();
  for (const value of values) {
    if (value.trim() === '') continue;
    texts.add(value);
    if (!/[\r\n]/.test(value)) continue;
    for (const line of value.split(/[\r\n]+/))
      if (line.trim().length >= LINE) texts.add(line.trim());
  }
  return [...texts];
}

/**
 * A text with every one of these hidden, also where two overlap: of none is a part left. Looks through
 * the text once for each, with the machine's own search.
 */
export function maskSecrets(text: string, secrets: readonly string[]): string {
  const found = secrets.flatMap((secret) => places(text, secret));
  if (found.length === 0) return text;
  found.sort((one, other) => one.start - other.start);
  let masked = '';
  let end = -1;
  for (const place of found) {
    if (place.start > end) masked += text.slice(Math.max(end, 0), place.start) + HIDDEN;
    end = Math.max(end, place.end);
  }
  return masked + text.slice(end);
}

interface Place {
  readonly start: number;
  end: number;
}

/** Where a secret stands in a text; places that touch are one. */
function places(text: string, secret: string): Place[] {
  const found: Place[] = [];
  const { length } = secret;
  for (let at = text.indexOf(secret); at >= 0; at = text.indexOf(secret, at + 1)) {
    if (length <= SHORT && !standsAlone(text, at, at + length)) continue;
    const last = found.at(-1);
    if (last !== undefined && at <= last.end) last.end = at + length;
    else found.push({ start: at, end: at + length });
  }
  return found;
}

function standsAlone(text: string, start: number, end: number): boolean {
  return !WORD.test(text.charAt(start - 1)) && !WORD.test(text.charAt(end));
}
