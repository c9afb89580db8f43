import { isMap, isSeq } from 'yaml';
import { type BlockItem, blockItems } from './block-items.ts';
import { type FlowItem, flowItems } from './flow-items.ts';
import type { FreshStyle } from './fresh-text.ts';
import { matchNodes, type NodeMatches, stepsOf } from './match-nodes.ts';
import type { Source } from './source.ts';

/** Where a group or step of the old document stands in its text. */
type OldNode =
  | {
      readonly kind: 'block';
      readonly item: BlockItem;
      readonly indent: number;
      readonly isCompact: boolean;
    }
  | { readonly kind: 'flow'; readonly item: FlowItem };

/** All that the parts of a rewriting know. */
export interface Plan {
  readonly text: string;
  readonly source: Source;
  readonly style: FreshStyle;
  /** Columns or tabs of a level in JSON; empty where it stands in one line. */
  readonly jsonUnit: string;
  readonly matches: NodeMatches;
  readonly oldNodes: ReadonlyMap<object, OldNode>;
  /** The lists of groups and steps of the new document. */
  readonly nodeLists: ReadonlySet<unknown>;
  /** Whether each alias is written out: what it stands for has changed. */
  readonly writesAliasesOut: boolean;
}

/** Prepares the rewriting of a text to a new value. */
export function planRewrite(
  source: Source,
  { old, fresh, isJson }: { old: unknown; fresh: unknown; isJson: boolean },
): Omit<Plan, 'writesAliasesOut'> {
  const { text, parsed } = source;
  const oldNodes = new Map<object, OldNode>();
  const walk = (node: unknown, value: unknown): void => {
    const list: unknown = isMap(node) ? node.get('steps', true) : undefined;
    const values = stepsOf(value);
    if (!isSeq(list) || values.length !== list.items.length) return;
    const block = list.flow === true ? undefined : blockItems(text, list);
    const flow = list.flow === true ? flowItems(text, list) : undefined;
    for (const [index, each] of values.entries()) {
      const item = block?.items[index];
      const flowItem = flow?.items[index];
      if (block !== undefined && item !== undefined) {
        const { indent, isCompact } = block;
        oldNodes.set(each, { kind: 'block', item, indent, isCompact: isCompact && index === 0 });
      } else if (flowItem !== undefined) oldNodes.set(each, { kind: 'flow', item: flowItem });
      walk(list.items[index], each);
    }
  };
  walk(parsed.contents, old);
  const nodeLists = new Set<unknown>();
  const collect = (value: unknown): void => {
    const steps = stepsOf(value);
    if (steps.length > 0) nodeLists.add(steps);
    for (const each of steps) collect(each);
  };
  collect(fresh);
  return {
    text,
    source,
    style: styleOf(source, isJson),
    jsonUnit: /\n([ \t]+)\S/.exec(text)?.[1] ?? (text.includes('\n') ? '  ' : ''),
    matches: matchNodes(old, fresh),
    oldNodes,
    nodeLists,
  };
}

/** How the text is indented, as its first list of steps shows it. */
function styleOf({ text, parsed }: Source, isJson: boolean): FreshStyle {
  const list: unknown = isMap(parsed.contents) ? parsed.contents.get('steps', true) : undefined;
  const block = isSeq(list) && list.flow !== true ? blockItems(text, list) : undefined;
  const columns = block?.indent ?? 2;
  return { indent: columns > 1 ? columns : 2, indentSeq: columns > 0, isJson };
}
