import { LineCounter, parseDocument } from 'yaml';

/** A document as somebody wrote it, and where each part of it stands. */
export interface DocumentText {
  readonly value: unknown;
  /** ` (line 7)` for the nearest part of the path that is in the text: `steps[1].params`. */
  readonly lineOf: (path: string) => string;
}

/**
 * Reads YAML (1.2; JSON is part of it).
 * @throws {Error} with the place: it is no YAML, or its aliases unfold without end
 */
export function readDocumentText(text: string): DocumentText {
  const lines = new LineCounter();
  const parsed = parseDocument(text, { lineCounter: lines, prettyErrors: true });
  const [error] = parsed.errors;
  if (error !== undefined) throw new Error(readable(error.message.trim()));
  const lineOf = (path: string): string => {
    const keys = path
      .split(/[.[\]]+/)
      .filter((key) => key !== '')
      .map((key) => (/^\d+$/.test(key) ? Number(key) : key));
    for (let length = keys.length; length > 0; length -= 1) {
      const node = parsed.getIn(keys.slice(0, length), true);
      if (hasRange(node)) return ` (line ${lines.linePos(node.range[0]).line})`;
    }
    return '';
  };
  return { value: parsed.toJS({ maxAliasCount: 50 }), lineOf };
}

/** The reader goes a level deeper with each level of the text, and ends where there is no room for more. */
function readable(message: string): string {
  return message.replace('Maximum call stack size exceeded', 'it nests too deeply');
}

function hasRange(node: unknown): node is { range: [number, number, number] } {
  return typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range);
}
