import type { Gap } from '../model/moves.ts';
import type { TreeRow } from '../model/rows.ts';

/** Where something that is dragged would fall: at which row, and how. */
export interface DropPlace {
  readonly row: number;
  readonly how: 'before' | 'after' | 'into';
  readonly gap: Gap;
}

/** The edges of a group's row, before and after it; what is between is in it. */
const EDGE = 0.3;

/** The place at a height in the tree, in rows: 2.5 is the middle of the third. */
export function dropPlaceAt(
  rows: readonly TreeRow[],
  closed: ReadonlySet<number>,
  height: number,
): DropPlace | null {
  const index = Math.min(rows.length - 1, Math.max(0, Math.floor(height)));
  const row = rows[index];
  if (row === undefined) return null;
  const within = height - index;
  const { node, parent } = row;
  const isGroup = node.steps !== null;
  if (within < (isGroup ? EDGE : 0.5))
    return { row: index, how: 'before', gap: { parent, before: node.id } };
  const isOpen = isGroup && !closed.has(node.id) && node.steps.length > 0;
  if (isGroup && (within < 1 - EDGE || isOpen))
    return {
      row: index,
      how: 'into',
      gap: { parent: node.id, before: isOpen ? (node.steps[0]?.id ?? null) : null },
    };
  const next = rows
    .slice(index + 1)
    .find((each) => each.parent === parent && each.position === row.position + 1);
  return { row: index, how: 'after', gap: { parent, before: next?.node.id ?? null } };
}
