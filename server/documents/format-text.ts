import { type Document, isMap, isScalar, isSeq, type Node, visit } from 'yaml';
import { orderDocument } from './key-order.ts';
import { withEscapes, withoutHidden } from './scalar-style.ts';
import { assertWellFormed } from './well-formed.ts';
import { createDocument, stringifyOptions } from './yaml-document.ts';

/** Comments by the place that they stand before: `steps[0].steps[2]`, `` for the head of the document. */
type Comments = ReadonlyMap<string, readonly string[]>;

export interface FormatOptions {
  readonly format: 'yaml' | 'json';
  /** JSON has none: they are left out there. */
  readonly comments?: Comments;
}

/**
 * Writes a document as a text for a file: keys in their usual order, block style, scripts as literal
 * blocks, a blank line around groups. Reading it gives the same value.
 * @throws {DocumentError} `document.surrogate`
 */
export function formatDocumentText(document: unknown, options: FormatOptions): string {
  assertWellFormed(document);
  const ordered = orderDocument(document);
  if (options.format === 'json') return withEscapes(`${JSON.stringify(ordered, null, 2)}\n`);
  const made = createDocument(ordered);
  spaceGroups(made);
  for (const [path, lines] of options.comments ?? []) addComment(made, path, lines);
  return withEscapes(made.toString(stringifyOptions));
}

/** A blank line between a group and what stands before and after it. */
function spaceGroups(made: Document): void {
  visit(made, {
    Pair(_key, { key, value }) {
      if (!isScalar(key) || key.value !== 'steps' || !isSeq(value)) return;
      let previous: unknown;
      for (const item of value.items) {
        if (isMap(item) && previous !== undefined && (isGroup(item) || isGroup(previous)))
          item.spaceBefore = true;
        previous = item;
      }
    },
  });
}

function isGroup(node: unknown): boolean {
  return isMap(node) && node.has('group');
}

function addComment(made: Document, path: string, lines: readonly string[]): void {
  const text = commentText(lines);
  if (text === '') return;
  const keys = keysOf(path);
  const node = keys.length === 0 ? made : commentedNode(made, keys);
  // A place that is not there: its comment is not dropped.
  const at = node ?? made;
  at.commentBefore = [at.commentBefore, text].filter(Boolean).join('\n');
}

/** Of a key it is the key's node, of an item of a list the item. */
function commentedNode(made: Document, keys: readonly (string | number)[]): Node | undefined {
  const last = keys.at(-1);
  const parent = keys.length === 1 ? made.contents : made.getIn(keys.slice(0, -1), true);
  if (isMap(parent)) {
    const pair = parent.items.find(
      ({ key }) => isScalar(key) && String(key.value) === String(last),
    );
    return isScalar(pair?.key) ? pair.key : undefined;
  }
  const item = isSeq(parent) && typeof last === 'number' ? parent.items[last] : undefined;
  return isMap(item) || isSeq(item) || isScalar(item) ? item : undefined;
}

function commentText(lines: readonly string[]): string {
  return lines
    .flatMap((text) => text.split(/\r\n|\r|\n/))
    .map((line) => withoutHidden(line).trimEnd())
    .map((line) => (line === '' || /^[ \t]/.test(line) ? line || ' ' : ` ${line}`))
    .join('\n');
}

/** `steps[0].params` as keys. */
function keysOf(path: string): (string | number)[] {
  return path
    .split(/[.[\]]+/)
    .filter((key) => key !== '')
    .map((key) => (/^\d+$/.test(key) ? Number(key) : key));
}
