import {
  type EditNode,
  type EditSequence,
  listNodes,
  type NodePlace,
  replaceNodes,
} from './tree.ts';

/** A place between nodes: in a group, or at the top (null); before a node, or at the end (null). */
export interface Gap {
  readonly parent: number | null;
  readonly before: number | null;
}

/** The chosen nodes without those that are in another chosen one, in the order of the document. */
export function topmost(sequence: EditSequence, ids: ReadonlySet<number>): readonly EditNode[] {
  return topmostPlaces(sequence, ids).map(({ node }) => node);
}

function topmostPlaces(sequence: EditSequence, ids: ReadonlySet<number>): readonly NodePlace[] {
  return listNodes(sequence).filter(
    ({ node, around }) => ids.has(node.id) && !around.some(({ id }) => ids.has(id)),
  );
}

/** Takes nodes away, with all that is in them. */
export function removeNodes(sequence: EditSequence, ids: ReadonlySet<number>): EditSequence {
  return replaceNodes(sequence, (node) => (ids.has(node.id) ? [] : [node]));
}

/** Puts nodes into a gap. They are to have numbers of their own. */
export function insertNodes(
  sequence: EditSequence,
  { parent, before }: Gap,
  nodes: readonly EditNode[],
): EditSequence {
  const put = (list: readonly EditNode[]): readonly EditNode[] => {
    const at = list.findIndex(({ id }) => id === before);
    return list.toSpliced(at < 0 ? list.length : at, 0, ...nodes);
  };
  if (parent === null) return { ...sequence, steps: put(sequence.steps) };
  return replaceNodes(sequence, (node) => [
    node.id === parent && node.steps !== null ? { ...node, steps: put(node.steps) } : node,
  ]);
}

/** Copies of nodes with numbers of their own, and the sequence that has given these. */
export function renumbered(
  sequence: EditSequence,
  nodes: readonly EditNode[],
): { readonly sequence: EditSequence; readonly nodes: readonly EditNode[] } {
  let { nextId } = sequence;
  const copy = (node: EditNode): EditNode => ({
    id: nextId++,
    fields: node.fields,
    steps: node.steps === null ? null : node.steps.map(copy),
  });
  const copies = nodes.map(copy);
  return { sequence: { ...sequence, nextId }, nodes: copies };
}

/** Moves the chosen nodes into a gap, in their order. The same sequence where they cannot stand there. */
export function moveNodes(
  sequence: EditSequence,
  ids: ReadonlySet<number>,
  { parent, before }: Gap,
): EditSequence {
  const all = listNodes(sequence);
  const target = all.find(({ node }) => node.id === parent);
  if (parent !== null && (target === undefined || target.node.steps === null)) return sequence;
  if (target !== undefined && [...target.around, target.node].some(({ id }) => ids.has(id)))
    return sequence;
  const moved = topmost(sequence, ids);
  if (moved.length === 0) return sequence;
  const list = target?.node.steps ?? sequence.steps;
  const from = before === null ? list.length : list.findIndex(({ id }) => id === before);
  if (from < 0) return sequence;
  // What it is to stand before may be moved itself: then before the next that stays.
  const stays = list.slice(from).find(({ id }) => !ids.has(id));
  const next = insertNodes(
    removeNodes(sequence, new Set(moved.map(({ id }) => id))),
    {
      parent,
      before: stays?.id ?? null,
    },
    moved,
  );
  return isSameOrder(sequence, next) ? sequence : next;
}

/** A way that a key moves the chosen nodes: among their siblings, into the group above, out of their group. */
export type Direction = 'up' | 'down' | 'in' | 'out';

/** Where the chosen nodes go by a key; null where there is no such place. */
export function gapByKey(
  sequence: EditSequence,
  ids: ReadonlySet<number>,
  direction: Direction,
): Gap | null {
  const places = topmostPlaces(sequence, ids);
  const [first, last] = [places[0], places.at(-1)];
  if (first === undefined || last === undefined) return null;
  const group = first.around.at(-1);
  const outer = first.around.at(-2)?.id ?? null;
  const groupList = first.around.at(-2)?.steps ?? sequence.steps;
  const afterGroup = () => {
    const at = groupList.findIndex(({ id }) => id === group?.id);
    return groupList[at + 1]?.id ?? null;
  };
  switch (direction) {
    case 'up': {
      const previous = first.siblings[first.index - 1];
      if (previous !== undefined) return { parent: group?.id ?? null, before: previous.id };
      return group === undefined ? null : { parent: outer, before: group.id };
    }
    case 'down': {
      const parent = last.around.at(-1);
      if (parent?.id !== group?.id) return null;
      if (last.index + 1 < last.siblings.length)
        return { parent: group?.id ?? null, before: last.siblings[last.index + 2]?.id ?? null };
      return group === undefined ? null : { parent: outer, before: afterGroup() };
    }
    case 'in': {
      const previous = first.siblings[first.index - 1];
      return previous === undefined || previous.steps === null
        ? null
        : { parent: previous.id, before: null };
    }
    case 'out':
      return group === undefined ? null : { parent: outer, before: afterGroup() };
  }
}

/** The gap right after a node. */
export function gapAfter(sequence: EditSequence, id: number | null): Gap {
  const place = listNodes(sequence).find(({ node }) => node.id === id);
  if (place === undefined) return { parent: null, before: null };
  return {
    parent: place.around.at(-1)?.id ?? null,
    before: place.siblings[place.index + 1]?.id ?? null,
  };
}

function isSameOrder(one: EditSequence, other: EditSequence): boolean {
  const [before, after] = [listNodes(one), listNodes(other)];
  return (
    before.length === after.length &&
    before.every(
      ({ node, around }, index) =>
        node.id === after[index]?.node.id && around.at(-1)?.id === after[index]?.around.at(-1)?.id,
    )
  );
}
