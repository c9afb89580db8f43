import { type EditNode, type EditSequence, nameOf, typeOf } from './tree.ts';

/** A line of the tree as it is shown. */
export interface TreeRow {
  readonly node: EditNode;
  /** From 1. */
  readonly level: number;
  readonly parent: number | null;
  /** Place among its siblings, from 1, and how many these are. */
  readonly position: number;
  readonly siblings: number;
  readonly path: string;
  readonly runId: string;
  /** Disabled, or in a group that is. */
  readonly isOff: boolean;
}

/** The lines that are shown: what is in a closed group is not. */
export function visibleRows(
  { steps }: EditSequence,
  closed: ReadonlySet<number>,
): readonly TreeRow[] {
  const rows: TreeRow[] = [];
  const walk = (nodes: readonly EditNode[], around: TreeRow | null): void => {
    for (const [index, node] of nodes.entries()) {
      const row: TreeRow = {
        node,
        level: (around?.level ?? 0) + 1,
        parent: around?.node.id ?? null,
        position: index + 1,
        siblings: nodes.length,
        path: `${around === null ? '' : `${around.path}.`}steps[${index}]`,
        runId: `${around === null ? '' : `${around.runId}/`}${index}`,
        isOff: around?.isOff === true || node.fields['disabled'] === true,
      };
      rows.push(row);
      if (node.steps !== null && !closed.has(node.id)) walk(node.steps, row);
    }
  };
  walk(steps, null);
  return rows;
}

/** What a search looks through: name, type, description and all texts of the settings. */
function words(node: EditNode): string {
  const texts: string[] = [nameOf(node), typeOf(node)];
  const gather = (value: unknown): void => {
    if (typeof value === 'string') texts.push(value);
    else if (typeof value === 'object' && value !== null) Object.values(value).forEach(gather);
  };
  gather(node.fields['description']);
  gather(node.fields['params']);
  gather(node.fields['condition']);
  return texts.join('\n').toLowerCase();
}

/** The numbers of all nodes that have a text in them, in the order of the document. */
export function findNodes({ steps }: EditSequence, wanted: string): readonly number[] {
  const text = wanted.trim().toLowerCase();
  if (text === '') return [];
  const walk = (nodes: readonly EditNode[]): number[] =>
    nodes.flatMap((node) => [
      ...(words(node).includes(text) ? [node.id] : []),
      ...(node.steps === null ? [] : walk(node.steps)),
    ]);
  return walk(steps);
}

/** The rows from one to another, both with it. */
export function rangeOf(rows: readonly TreeRow[], from: number, to: number): readonly number[] {
  const [one, other] = [from, to].map((id) => rows.findIndex(({ node }) => node.id === id));
  if (one === undefined || other === undefined || one < 0 || other < 0) return [to];
  return rows.slice(Math.min(one, other), Math.max(one, other) + 1).map(({ node }) => node.id);
}
