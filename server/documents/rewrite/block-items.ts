import { isMap, isScalar, type Pair, type YAMLMap, type YAMLSeq } from 'yaml';
import { textOfKey } from '../read/read-yaml.ts';
import {
  contentEnd,
  indentOf,
  isBlank,
  isComment,
  itemTokens,
  lineEnd,
  lineStart,
  linesOf,
  rangeOf,
  type Token,
} from './source.ts';

/**
 * One item of a block collection in its text. `lead`: the blank lines and comments above that are of it.
 * `start` is where its key or dash stands; `end` is behind its last line.
 */
export interface BlockItem {
  /** The key of a pair; undefined in a list. */
  readonly key: string | undefined;
  readonly keyNode: unknown;
  readonly value: unknown;
  readonly leadStart: number;
  readonly start: number;
  readonly end: number;
}

export interface BlockItems {
  readonly items: readonly BlockItem[];
  /** Column of its keys or dashes. */
  readonly indent: number;
  /** Whether the first item stands on the line of the dash around it: `- step: A`. */
  readonly isCompact: boolean;
}

/** The items of a block collection; undefined where it has what cannot be told apart by lines. */
export function blockItems(text: string, node: YAMLMap | YAMLSeq): BlockItems | undefined {
  const heads = isMap(node) ? pairHeads(node) : itemHeads(node);
  const [first] = heads ?? [];
  if (heads === undefined || first === undefined) return undefined;
  const firstLine = lineStart(text, first.start);
  const isCompact = !isBlank(text.slice(firstLine, first.start));
  const indent = first.start - firstLine;
  const firstLead = isCompact ? first.start : leadOfFirst(text, firstLine);
  const items: BlockItem[] = [];
  let leadStart = firstLead;
  for (const [index, head] of heads.entries()) {
    const next = heads[index + 1];
    const limit = next === undefined ? text.length : lineStart(text, next.start);
    const end = ownEnd(text, contentEnd(text, head.value, head.headEnd), limit, indent);
    items.push({ ...head, leadStart, end });
    leadStart = end;
  }
  return { items, indent, isCompact };
}

interface Head {
  readonly key: string | undefined;
  readonly keyNode: unknown;
  readonly value: unknown;
  readonly start: number;
  readonly headEnd: number;
}

function pairHeads(node: YAMLMap): readonly Head[] | undefined {
  const heads: Head[] = [];
  for (const pair of node.items) {
    const key = keyName(pair);
    const range = rangeOf(pair.key);
    const token: unknown = Reflect.get(pair, 'srcToken');
    const start: readonly Token[] = Reflect.get(Object(token), 'start') ?? [];
    // An explicit key, an anchor or a tag before the key.
    if (key === undefined || range === undefined || start.some(isContent)) return undefined;
    heads.push({ key, keyNode: pair.key, value: pair.value, start: range[0], headEnd: range[1] });
  }
  return heads;
}

function itemHeads(node: YAMLSeq): readonly Head[] | undefined {
  const dashes = itemTokens(node.srcToken).flatMap(
    ({ start }) => start.find(({ type }) => type === 'seq-item-ind') ?? [],
  );
  if (dashes.length !== node.items.length) return undefined;
  return dashes.map(({ offset }, index) => ({
    key: undefined,
    keyNode: undefined,
    value: node.items[index],
    start: offset,
    headEnd: offset + 1,
  }));
}

/** The name of a pair, as it is in the value; undefined where its key is no scalar. */
export function keyName({ key }: Pair): string | undefined {
  return isScalar(key) ? textOfKey(key.value) : undefined;
}

function isContent({ type }: Token): boolean {
  return type !== 'space' && type !== 'newline' && type !== 'comment';
}

/** Comments right above the first item are of it; what a blank line parts from it is of the list. */
function leadOfFirst(text: string, firstLine: number): number {
  let at = firstLine;
  while (at > 0) {
    const above = lineStart(text, at - 1);
    if (!isComment(text.slice(above, at))) break;
    at = above;
  }
  return at;
}

/** Comments below that stand deeper than the item are of it, with the blank lines between them. */
function ownEnd(text: string, content: number, limit: number, indent: number): number {
  let end = content;
  let at = content;
  for (const line of linesOf(text.slice(content, limit))) {
    if (!isBlank(line) && !(isComment(line) && indentOf(line) > indent)) break;
    at += line.length;
    if (!isBlank(line)) end = at;
  }
  return Math.min(end, Math.max(limit, content), lineEnd(text, text.length));
}
