import { MAX_NESTING, tooDeep } from './bounds.ts';
import { TextFault } from './text-fault.ts';

interface Frame {
  /** Place of the map or list, its keys each behind a line feed. */
  readonly place: string;
  /** Names that a map has had; undefined in a list. */
  readonly names: Set<string> | undefined;
  key: string | number;
  /** Whether a text that comes next is a name. */
  isAtName: boolean;
}

/**
 * Goes through a text that is known to be JSON and finds what `JSON.parse` does not tell: names that are
 * there twice, depth, and where each value begins.
 * @param found told of each value, by `placeOf` its keys
 * @throws {TextFault}
 */
export function scanJson(text: string, found?: (place: string, offset: number) => void): void {
  const stack: Frame[] = [];
  const placeNow = (): string => {
    const top = stack.at(-1);
    return top === undefined ? '' : `${top.place}\n${top.key}`;
  };
  for (let at = 0; at < text.length; at += 1) {
    const top = stack.at(-1);
    switch (text.charCodeAt(at)) {
      case 0x7b: // {
      case 0x5b: {
        const place = found === undefined ? '' : placeNow();
        found?.(place, at);
        const isMap = text.charCodeAt(at) === 0x7b;
        stack.push({ place, names: isMap ? new Set() : undefined, key: 0, isAtName: isMap });
        if (stack.length > MAX_NESTING) throw tooDeep(text, at);
        break;
      }
      case 0x7d: // }
      case 0x5d:
        stack.pop();
        break;
      case 0x2c: // ,
        if (top === undefined) break;
        if (top.names === undefined) top.key = Number(top.key) + 1;
        else top.isAtName = true;
        break;
      case 0x22: {
        const end = endOfText(text, at);
        if (top?.isAtName === true && top.names !== undefined) {
          const name = nameAt(text, at, end);
          if (top.names.has(name)) throw new TextFault(text, at, 'Map keys must be unique');
          top.names.add(name);
          top.key = name;
          top.isAtName = false;
        } else found?.(placeNow(), at);
        at = end;
        break;
      }
      case 0x20:
      case 0x09:
      case 0x0a:
      case 0x0d:
      case 0x3a: // :
        break;
      default:
        found?.(placeNow(), at);
        at = endOfWord(text, at);
    }
  }
}

/** What keys are called by `scanJson`. */
export function placeOf(keys: readonly (string | number)[]): string {
  return keys.map((key) => `\n${key}`).join('');
}

/** Offset of the last character of a number, `true`, `false` or `null`. */
function endOfWord(text: string, start: number): number {
  let end = start;
  while (/[\w.+-]/.test(text.charAt(end + 1))) end += 1;
  return end;
}

/** Offset of the quotation mark that ends a text. */
function endOfText(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end >= 0) {
    let slashes = 0;
    while (text.charCodeAt(end - 1 - slashes) === 0x5c) slashes += 1;
    if (slashes % 2 === 0) return end;
    end = text.indexOf('"', end + 1);
  }
  return text.length;
}

function nameAt(text: string, start: number, end: number): string {
  const raw = text.slice(start + 1, end);
  return raw.includes('\\') ? String(JSON.parse(`"${raw}"`)) : raw;
}
