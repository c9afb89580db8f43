import { isAlias, isMap, isScalar, isSeq, type YAMLMap, type YAMLSeq } from 'yaml';
import { withEscapes } from '../scalar-style.ts';
import { type FlowItem, flowItems, linePrefix } from './flow-items.ts';
import { freshFlow, freshFlowKey, freshScalar } from './fresh-text.ts';
import { isKept } from './kept.ts';
import { matchItems } from './match-items.ts';
import type { Plan } from './plan.ts';
import { reindentLines } from './shift-lines.ts';
import { rangeOf } from './source.ts';

/** One item of the new text, without the comma. */
interface Piece {
  readonly lead: string | undefined;
  readonly body: string;
  readonly after: string;
}

/** The new text of a value within a flow collection, or of one that is a flow collection. */
export function renderFlow(plan: Plan, node: unknown, old: unknown, fresh: unknown): string {
  const { text, style } = plan;
  const range = rangeOf(node);
  if (range === undefined) return freshValue(plan, fresh, '');
  const [start, end] = range;
  if (isKept(plan, node, old, fresh)) return text.slice(start, end);
  const prefix = linePrefix(text, start);
  if (isScalar(node) && node.tag === undefined && isScalarValue(fresh))
    return freshScalar(fresh, { was: node.type, isFlow: true, isJson: style.isJson });
  if (isAlias(node) || isScalar(node)) return freshValue(plan, fresh, prefix);
  if (isMap(node) && isRecord(old) && isRecord(fresh))
    return renderMap(plan, node, old, fresh) ?? freshValue(plan, fresh, prefix);
  if (isSeq(node) && Array.isArray(old) && Array.isArray(fresh))
    return renderSeq(plan, node, old, fresh) ?? freshValue(plan, fresh, prefix);
  return freshValue(plan, fresh, prefix);
}

function renderMap(
  plan: Plan,
  node: YAMLMap,
  old: Readonly<Record<string, unknown>>,
  fresh: Readonly<Record<string, unknown>>,
): string | undefined {
  const flow = flowItems(plan.text, node);
  if (flow === undefined || Object.keys(fresh).length === 0) return undefined;
  const prefix = prefixInside(plan, flow.items);
  const kept = flow.items.filter(({ key }) => key !== undefined && Object.hasOwn(fresh, key));
  const pieces = kept.map((item): Piece => {
    const key = item.key ?? '';
    const { lead, after } = item;
    return { lead, after, body: bodyOf(plan, item, old[key], fresh[key]) };
  });
  const known = new Set(kept.map(({ key }) => key));
  for (const [key, value] of Object.entries(fresh))
    if (!known.has(key)) {
      const body = `${freshFlowKey(key, plan.style)}: ${freshValue(plan, value, prefix)}`;
      pieces.push({ lead: undefined, after: '', body });
    }
  return join(plan, flow, pieces);
}

function renderSeq(
  plan: Plan,
  node: YAMLSeq,
  old: readonly unknown[],
  fresh: readonly unknown[],
): string | undefined {
  const flow = flowItems(plan.text, node);
  if (flow === undefined || fresh.length === 0) return undefined;
  const prefix = prefixInside(plan, flow.items);
  const isNodes = plan.nodeLists.has(fresh);
  const matches = isNodes ? undefined : matchItems(old, fresh);
  const pieces = fresh.map((value, index): Piece => {
    const other = isNodes ? plan.matches.get(Object(value)) : old[matches?.get(index) ?? -1];
    const found = isNodes ? plan.oldNodes.get(Object(other)) : undefined;
    const item = isNodes
      ? found?.kind === 'flow'
        ? found.item
        : undefined
      : flow.items[matches?.get(index) ?? -1];
    if (item === undefined)
      return { lead: undefined, after: '', body: freshValue(plan, value, prefix) };
    const body = bodyOf(plan, item, other, value);
    const was = linePrefix(plan.text, item.start);
    const isHere = flow.items.includes(item);
    return {
      lead: isHere || item.lead.includes('#') ? item.lead : undefined,
      after: item.after,
      body: isHere ? body : reindentLines(body, was, prefix),
    };
  });
  return join(plan, flow, pieces);
}

function bodyOf(plan: Plan, item: FlowItem, old: unknown, fresh: unknown): string {
  const [start = item.end] = rangeOf(item.value) ?? [];
  return `${plan.text.slice(item.start, start)}${renderFlow(plan, item.value, old, fresh)}`;
}

function join(
  plan: Plan,
  { items, open, close, closing, hasLastComma }: NonNullable<ReturnType<typeof flowItems>>,
  pieces: readonly Piece[],
): string {
  const [first, second] = items;
  const firstLead = blanksOf(first?.lead ?? '');
  const nextLead = blanksOf(second?.lead ?? (/\n/.test(firstLead) ? firstLead : ' '));
  let text = open;
  for (const [index, { lead, body, after }] of pieces.entries()) {
    const usual = index === 0 ? firstLead : nextLead;
    // Only comments are taken along to another place: what is blank is as it was at this place.
    const before = lead?.includes('#') === true ? lead : usual;
    const previous = pieces[index - 1];
    const needsBreak = previous !== undefined && previous.after !== '' && !/^\r?\n/.test(before);
    text += `${needsBreak ? plan.source.lineBreak : ''}${before}${body}`;
    const isLast = index === pieces.length - 1;
    text += `${isLast && !hasLastComma ? '' : ','}${after}`;
    if (isLast && after !== '' && !/^\r?\n/.test(closing)) text += plan.source.lineBreak;
  }
  return `${text}${closing}${close}`;
}

function blanksOf(lead: string): string {
  return lead.includes('#') ? `\n${/[ \t]*$/.exec(lead)?.[0] ?? ''}` : lead;
}

function prefixInside(plan: Plan, items: readonly FlowItem[]): string {
  return linePrefix(plan.text, items[0]?.start ?? 0);
}

/** A new value: in JSON in lines of its own where the text has lines, in YAML in one line. */
function freshValue({ style, jsonUnit, source }: Plan, value: unknown, prefix: string): string {
  if (!style.isJson) return freshFlow(value, style);
  const lines = withEscapes(JSON.stringify(value, null, jsonUnit)).split('\n');
  return lines.join(`${source.lineBreak}${prefix}`);
}

function isScalarValue(value: unknown): boolean {
  return typeof value !== 'object' || value === null;
}

/** Whether a value is a map. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
