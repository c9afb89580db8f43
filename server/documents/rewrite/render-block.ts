import { isMap, isScalar, isSeq, type YAMLMap, type YAMLSeq } from 'yaml';
import { orderDocument } from '../key-order.ts';
import { type BlockItem, type BlockItems, blockItems } from './block-items.ts';
import { freshItem, freshScalar } from './fresh-text.ts';
import { isKept } from './kept.ts';
import { matchItems } from './match-items.ts';
import type { Plan } from './plan.ts';
import { isRecord, renderFlow } from './render-flow.ts';
import { shiftLines } from './shift-lines.ts';
import { contentEnd, isBlank, lineEnd, lineStart, linesOf, rangeOf } from './source.ts';

/** New text for a part of the old one. */
export interface Replacement {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/**
 * One item of the new text. `gap`: blank lines before it; undefined for a new one. `lead`: its comments.
 * Lines have their indentation, but for the first line of `body`.
 */
interface Chunk {
  readonly gap: string | undefined;
  readonly lead: string;
  readonly body: string;
}

/** The new text of a block collection; undefined where its items cannot be told apart by lines. */
export function renderBlock(
  plan: Plan,
  node: YAMLMap | YAMLSeq,
  old: unknown,
  fresh: unknown,
): Replacement | undefined {
  const block = blockItems(plan.text, node);
  const [first, last] = [block?.items[0], block?.items.at(-1)];
  if (block === undefined || first === undefined || last === undefined) return undefined;
  const chunks =
    isMap(node) && isRecord(old) && isRecord(fresh)
      ? mapChunks(plan, block, old, fresh)
      : Array.isArray(old) && Array.isArray(fresh)
        ? listChunks(plan, block, old, fresh)
        : undefined;
  if (chunks === undefined || chunks.length === 0) return undefined;
  const from = block.isCompact ? first.start : first.leadStart;
  const text = joinChunks(plan, block, chunks);
  const isWhole = last.end === plan.text.length && !plan.text.endsWith('\n');
  return { from, to: last.end, text: isWhole ? text.replace(/\r?\n$/, '') : text };
}

function mapChunks(
  plan: Plan,
  block: BlockItems,
  old: Readonly<Record<string, unknown>>,
  fresh: Readonly<Record<string, unknown>>,
): readonly Chunk[] {
  const isNode = ['step', 'group', 'steps'].some((key) => Object.hasOwn(fresh, key));
  const ordered = isNode ? orderDocument(fresh) : fresh;
  const chunks = block.items.flatMap((item) => {
    const key = item.key ?? '';
    if (!Object.hasOwn(fresh, key)) return [];
    return [{ key, ...chunkOf(plan, item, { block, old: old[key], fresh: fresh[key] }) }];
  });
  let before: string | undefined;
  for (const key of Object.keys(Object(ordered))) {
    if (!chunks.some((chunk) => chunk.key === key)) {
      const at = chunks.findIndex((chunk) => chunk.key === before) + 1;
      const body = freshNode(plan, keyText(key), fresh[key], block.indent);
      chunks.splice(at, 0, { key, gap: '', lead: '', body });
    }
    before = key;
  }
  return chunks;
}

function listChunks(
  plan: Plan,
  block: BlockItems,
  old: readonly unknown[],
  fresh: readonly unknown[],
): readonly Chunk[] {
  const isNodes = plan.nodeLists.has(fresh);
  const matches = isNodes ? undefined : matchItems(old, fresh);
  return fresh.map((value, index): Chunk => {
    if (isNodes) return nodeChunk(plan, value, block.indent);
    const at = matches?.get(index) ?? -1;
    const item = block.items[at];
    if (item === undefined)
      return { gap: undefined, lead: '', body: freshNode(plan, undefined, value, block.indent) };
    return chunkOf(plan, item, { block, old: old[at], fresh: value });
  });
}

/** A group or step at a column, with the text that it had before, wherever that stands. */
function nodeChunk(plan: Plan, value: unknown, indent: number): Chunk {
  const old = plan.matches.get(Object(value));
  const found = old === undefined ? undefined : plan.oldNodes.get(old);
  if (found?.kind !== 'block')
    return { gap: undefined, lead: '', body: freshNode(plan, undefined, value, indent) };
  const { item, isCompact } = found;
  const block = { indent: found.indent, isCompact, items: [item] };
  const { gap, lead, body } = chunkOf(plan, item, { block, old, fresh: value });
  const columns = indent - found.indent;
  return { gap, lead: shiftLines(lead, columns, 0), body: shiftLines(body, columns, 1) };
}

function chunkOf(
  plan: Plan,
  item: BlockItem,
  { block, old, fresh }: { block: BlockItems; old: unknown; fresh: unknown },
): Chunk {
  const { text } = plan;
  const isCompact = block.isCompact && block.items[0] === item;
  const above = isCompact ? '' : text.slice(item.leadStart, lineStart(text, item.start));
  const lines = linesOf(above);
  const blanks = lines.findIndex((line) => !isBlank(line));
  const count = blanks < 0 ? lines.length : blanks;
  return {
    gap: isCompact ? undefined : lines.slice(0, count).join(''),
    lead: lines.slice(count).join(''),
    body: bodyOf(plan, item, { indent: block.indent, old, fresh }),
  };
}

function bodyOf(
  plan: Plan,
  item: BlockItem,
  { indent, old, fresh }: { indent: number; old: unknown; fresh: unknown },
): string {
  const { text } = plan;
  const { value: node, start, end } = item;
  if (isKept(plan, node, old, fresh)) return text.slice(start, end);
  const replacement = replacementOf(plan, node, old, fresh);
  if (replacement !== undefined)
    return `${text.slice(start, replacement.from)}${replacement.text}${text.slice(replacement.to, end)}`;
  const range = rangeOf(item.keyNode);
  const key = range === undefined ? undefined : text.slice(range[0], range[1]);
  const headEnd = range?.[1] ?? start + 1;
  const made = freshNode(plan, key, fresh, indent);
  const comment = commentBehind(text, node, headEnd);
  const [first = '', ...more] = linesOf(made);
  const commented = `${first.trimEnd()}${comment === '' ? '' : ` ${comment}`}`;
  const lineBreak = more.length > 0 ? plan.source.lineBreak : '';
  const below = text.slice(contentEnd(text, node, headEnd), end);
  return `${commented}${lineBreak}${more.join('')}${plan.source.lineBreak}${below}`;
}

/** What can be replaced within the old text of a value: its items, or the one word that it is. */
function replacementOf(
  plan: Plan,
  node: unknown,
  old: unknown,
  fresh: unknown,
): Replacement | undefined {
  const range = rangeOf(node);
  if (range === undefined || hasTag(node)) return undefined;
  if (isMap(node) || isSeq(node)) {
    if (isMap(node) ? !isRecord(fresh) : !Array.isArray(fresh)) return undefined;
    if (Object.keys(Object(fresh)).length === 0 || node.items.length === 0) return undefined;
    if (node.flow !== true) return renderBlock(plan, node, old, fresh);
    return { from: range[0], to: range[1], text: renderFlow(plan, node, old, fresh) };
  }
  if (!isScalar(node) || range[0] === range[1] || isRecord(fresh) || Array.isArray(fresh))
    return undefined;
  const isBlock = node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED';
  if (isBlock || (typeof fresh === 'string' && fresh.includes('\n'))) return undefined;
  const text = freshScalar(fresh, { was: node.type, isFlow: false, isJson: false });
  return { from: range[0], to: range[1], text };
}

function hasTag(node: unknown): boolean {
  return (isScalar(node) || isMap(node) || isSeq(node)) && node.tag !== undefined;
}

/** The comment on the first line of an item whose value is written anew. */
function commentBehind(text: string, node: unknown, headEnd: number): string {
  const range = rangeOf(node);
  const isInline =
    range !== undefined && range[0] !== range[1] && !text.slice(headEnd, range[0]).includes('\n');
  const isBlock = isScalar(node) && (node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED');
  const from = isInline && !isBlock ? range[1] : headEnd;
  const line = text.slice(from, lineEnd(text, from));
  return /(?:^|[ \t:])(#.*)/.exec(line)?.[1]?.trimEnd() ?? '';
}

/** A new item at a column, its first line without it; groups and steps in it keep their old texts. */
function freshNode(plan: Plan, key: string | undefined, value: unknown, indent: number): string {
  const { style, source, nodeLists } = plan;
  if (nodeLists.has(value) && Array.isArray(value) && value.length > 0 && key !== undefined) {
    const inner = indent + (style.indentSeq ? style.indent : 0);
    const chunks = value.map((each) => nodeChunk(plan, each, inner));
    const block = { items: [], indent: inner, isCompact: false };
    return `${key}:${source.lineBreak}${joinChunks(plan, block, chunks)}`.replace(/\r?\n$/, '');
  }
  if (isRecord(value) && nodeLists.has(value['steps']) && key === undefined) {
    const { steps, ...head } = value;
    const made = inLines(plan, freshItem(undefined, orderDocument(head), style), indent);
    const list = freshNode(plan, 'steps', steps, indent + 2);
    return `${made}${source.lineBreak}${' '.repeat(indent + 2)}${list}`;
  }
  return inLines(
    plan,
    freshItem(key, isRecord(value) ? orderDocument(value) : value, style),
    indent,
  );
}

function inLines({ source }: Plan, text: string, indent: number): string {
  const shifted = shiftLines(text, indent, 1);
  return source.lineBreak === '\n' ? shifted : shifted.replaceAll('\n', source.lineBreak);
}

function keyText(key: string): string {
  return freshItem(undefined, { [key]: null }, { indent: 2, indentSeq: true, isJson: false })
    .replace(/^- /, '')
    .replace(/: null$/, '');
}

function joinChunks(plan: Plan, block: BlockItems, chunks: readonly Chunk[]): string {
  const { lineBreak } = plan.source;
  const usual = usualGap(chunks, lineBreak);
  let text = '';
  for (const [index, { gap, lead, body }] of chunks.entries()) {
    const column = ' '.repeat(block.indent);
    const ended = body.endsWith('\n') ? body : `${body}${lineBreak}`;
    if (index > 0) text += `${gap ?? usual}${lead}${column}${ended}`;
    else if (!block.isCompact) text += `${lead}${column}${ended}`;
    else text += lead === '' ? ended : `${lineBreak}${lead}${column}${ended}`;
  }
  return text;
}

/** The blank lines that most items of a list have before them. */
function usualGap(chunks: readonly Chunk[], lineBreak: string): string {
  const gaps = chunks.slice(1).flatMap(({ gap }) => gap ?? []);
  const spaced = gaps.filter((gap) => gap !== '').length;
  return spaced * 2 > gaps.length ? lineBreak : '';
}
