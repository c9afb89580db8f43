import { isMap, type YAMLMap, type YAMLSeq } from 'yaml';
import { keyName } from './block-items.ts';
import { itemTokens, lineStart, rangeOf, type Token } from './source.ts';

/** One item of a flow collection. `after` is the comment behind it, on its line. */
export interface FlowItem {
  readonly key: string | undefined;
  readonly keyNode: unknown;
  readonly value: unknown;
  /** Blanks, line breaks and comments before it. */
  readonly lead: string;
  readonly start: number;
  readonly end: number;
  readonly after: string;
}

export interface FlowItems {
  readonly items: readonly FlowItem[];
  readonly open: string;
  readonly close: string;
  /** What stands between the last item and the closing bracket. */
  readonly closing: string;
  readonly hasLastComma: boolean;
}

/** The items of a flow collection; undefined where it has anchors, tags or keys that are no scalars. */
export function flowItems(text: string, node: YAMLMap | YAMLSeq): FlowItems | undefined {
  const range = rangeOf(node);
  const spans = spansOf(node);
  const [first] = spans ?? [];
  if (range === undefined || spans === undefined || first === undefined) return undefined;
  const [from, to] = range;
  const items: FlowItem[] = [];
  let lead = text.slice(from + 1, first.start);
  let closing = '';
  let hasLastComma = false;
  for (const [index, span] of spans.entries()) {
    const next = spans[index + 1];
    const gap = partsOf(text.slice(span.end, next?.start ?? to - 1));
    items.push({ ...span, lead, after: gap.after });
    lead = gap.lead;
    if (next === undefined) {
      closing = gap.lead;
      hasLastComma = gap.hasComma;
    }
  }
  return {
    items,
    open: text.charAt(from),
    close: text.charAt(to - 1),
    closing,
    hasLastComma,
  };
}

type Span = Omit<FlowItem, 'lead' | 'after'>;

function spansOf(node: YAMLMap | YAMLSeq): readonly Span[] | undefined {
  const tokens = itemTokens(node.srcToken);
  // `{a, b}` and a comma at the end have items of their own in the syntax.
  if (tokens.some(({ start }) => start.some(isContent))) return undefined;
  const spans: Span[] = [];
  if (isMap(node))
    for (const pair of node.items) {
      const key = keyName(pair);
      const [at, value] = [rangeOf(pair.key), rangeOf(pair.value)];
      if (key === undefined || at === undefined) return undefined;
      if (value === undefined || value[0] === value[1]) return undefined;
      spans.push({ key, keyNode: pair.key, value: pair.value, start: at[0], end: value[1] });
    }
  else
    for (const value of node.items) {
      const range = rangeOf(value);
      if (range === undefined || range[0] === range[1]) return undefined;
      spans.push({ key: undefined, keyNode: undefined, value, start: range[0], end: range[1] });
    }
  return spans;
}

function isContent({ type }: Token): boolean {
  return !['space', 'newline', 'comment', 'comma'].includes(type);
}

/** What stands between two items: the comment behind the first, the comma, and what is before the next. */
function partsOf(gap: string): { after: string; lead: string; hasComma: boolean } {
  const hasComma = withoutComments(gap).includes(',');
  const lineBreak = gap.search(/\r?\n/);
  const line = lineBreak < 0 ? gap : gap.slice(0, lineBreak);
  const rest = lineBreak < 0 ? '' : gap.slice(lineBreak);
  const comment = line.indexOf('#');
  const after = comment < 0 ? '' : ` ${line.slice(comment)}`;
  const before = comment < 0 ? line : line.slice(0, comment);
  const lead = lineBreak < 0 ? before.replace(',', '') : withoutComma(rest);
  return { after, lead, hasComma };
}

function withoutComments(text: string): string {
  return text.replaceAll(/#.*/g, '');
}

/** Takes out the comma that stands outside of comments. */
function withoutComma(text: string): string {
  let isGone = false;
  return text.replaceAll(/#.*|,/g, (part) => {
    if (part !== ',' || isGone) return part;
    isGone = true;
    return '';
  });
}

/** Blanks at the beginning of the line that an offset is in. */
export function linePrefix(text: string, offset: number): string {
  return /^[ \t]*/.exec(text.slice(lineStart(text, offset), offset))?.[0] ?? '';
}
