import { assertText } from './documents/read/bounds.ts';
import { placeOf, scanJson } from './documents/read/json-scan.ts';
import { readYaml } from './documents/read/read-yaml.ts';
import { lineAt, TextFault } from './documents/read/text-fault.ts';
import { malformed } from './documents/well-formed.ts';

/** A document as somebody wrote it, and where each part of it stands. */
export interface DocumentText {
  readonly value: unknown;
  /** ` (line 7)` for the nearest part of the path that is in the text: `steps[1].params`. */
  readonly lineOf: (path: string) => string;
}

/**
 * Reads YAML (1.2; JSON is part of it), in bounded time and memory whatever the text is. JSON takes a way
 * of its own, which is many times quicker.
 * @throws {TextFault} with the place: it is no YAML, nests too deeply, a key is there twice, a tag is
 * unknown, its aliases unfold without end
 */
export function readDocumentText(text: string): DocumentText {
  assertText(text);
  const { value, offsetOf } = jsonText(text) ?? readYaml(text);
  assertWholeCharacters(text, value, offsetOf);
  return {
    value,
    lineOf: (path) => {
      const offset = offsetOf(keysOf(path));
      return offset === undefined ? '' : ` (line ${lineAt(text, offset)})`;
    },
  };
}

type OffsetOf = (keys: readonly (string | number)[]) => number | undefined;

/** The document where the text is JSON; undefined where it is not. */
function jsonText(text: string): { value: unknown; offsetOf: OffsetOf } | undefined {
  // A byte order mark is no JSON.
  const [mark] = /^\ufeff?/.exec(text) ?? [''];
  const json = text.slice(mark.length);
  if (!/^\s*[[{]/.test(json)) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return undefined;
  }
  scanJson(json);
  let offsets: ReadonlyMap<string, number> | undefined;
  return {
    value,
    offsetOf: (keys) => {
      offsets ??= offsetsIn(json);
      for (let length = keys.length; length > 0; length -= 1) {
        const offset = offsets.get(placeOf(keys.slice(0, length)));
        if (offset !== undefined) return offset + mark.length;
      }
      return undefined;
    },
  };
}

function offsetsIn(json: string): ReadonlyMap<string, number> {
  const offsets = new Map<string, number>();
  scanJson(json, (place, offset) => offsets.set(place, offset));
  return offsets;
}

/** Escapes can make half a character, which no file and no database keeps. */
function assertWholeCharacters(text: string, value: unknown, offsetOf: OffsetOf): void {
  if (!/\\u[dD][89a-fA-F]/.test(text)) return;
  const path = malformed(value, '');
  if (path === undefined) return;
  const message = 'Half a character (a lone UTF-16 surrogate) is in the value';
  throw new TextFault(text, offsetOf(keysOf(path)) ?? 0, message);
}

function keysOf(path: string): (string | number)[] {
  return path
    .split(/[.[\]]+/)
    .filter((key) => key !== '')
    .map((key) => (/^\d+$/.test(key) ? Number(key) : key));
}
