import { type Document, isAlias, isMap, isPair, isScalar, isSeq } from 'yaml';
import { parseYaml } from '../read/read-yaml.ts';

/** A text and what it parses to; offsets are in UTF-16 units, as those of the parser. */
export interface Source {
  readonly text: string;
  readonly parsed: Document.Parsed;
  /** The line break of new lines: that of the first line. */
  readonly lineBreak: '\n' | '\r\n';
}

/** Parses a text, keeping where each part stands. @throws {TextFault} */
export function parseSource(text: string): Source {
  const lineBreak = /^[^\n]*\r\n/.test(text) ? '\r\n' : '\n';
  return { text, parsed: parseYaml(text, true), lineBreak };
}

/** Offset of the line that an offset is in. */
export function lineStart(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1;
}

/** Offset behind the line that an offset is in, with its line break. */
export function lineEnd(text: string, offset: number): number {
  const at = text.indexOf('\n', offset);
  return at < 0 ? text.length : at + 1;
}

/** Blanks at the beginning of a line. */
export function indentOf(line: string): number {
  return /^ */.exec(line)?.[0].length ?? 0;
}

/** Whole lines with their line breaks. */
export function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

export function isBlank(line: string): boolean {
  return line.trim() === '';
}
export function isComment(line: string): boolean {
  return line.trimStart().startsWith('#');
}

/** Where the lines of a node end, with a comment behind it; comments below are not of it. */
export function contentEnd(text: string, node: unknown, headEnd: number): number {
  if (isMap(node) && node.flow !== true && node.items.length > 0) {
    const last = node.items.at(-1);
    const key = isPair(last) ? rangeOf(last.key) : undefined;
    return contentEnd(text, last?.value, key?.[1] ?? headEnd);
  }
  if (isSeq(node) && node.flow !== true && node.items.length > 0) {
    const offset = lastIndicator(node.srcToken);
    return contentEnd(text, node.items.at(-1), offset ?? headEnd);
  }
  const range = rangeOf(node);
  if (range === undefined || range[0] === range[1]) return lineEnd(text, headEnd);
  if (isScalar(node) && (node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED')) {
    const source = text.slice(range[0], range[1]);
    const [header = ''] = linesOf(source);
    return header.includes('+') ? range[1] : lineEnd(text, range[0] + source.trimEnd().length);
  }
  return lineEnd(text, range[1]);
}

function lastIndicator(token: unknown): number | undefined {
  const offsets = itemTokens(token).map(({ start }) => offsetOf(start, 'seq-item-ind'));
  return offsets.findLast((offset) => offset !== undefined);
}

/** A token of the concrete syntax. */
export interface Token {
  readonly type: string;
  readonly offset: number;
  readonly source: string;
}

/** Offset behind a token of a type. */
function offsetOf(tokens: readonly Token[], type: string): number | undefined {
  const found = tokens.find((token) => token.type === type);
  return found === undefined ? undefined : found.offset + found.source.length;
}

/** The items of a collection in the concrete syntax. */
export function itemTokens(token: unknown): readonly { readonly start: readonly Token[] }[] {
  const items: unknown = Reflect.get(Object(token), 'items');
  return Array.isArray(items) ? items : [];
}

/** Start, end of the value and end of the node. */
export function rangeOf(node: unknown): readonly [number, number, number] | undefined {
  if (!isScalar(node) && !isAlias(node) && !isMap(node) && !isSeq(node)) return undefined;
  return node.range ?? undefined;
}
