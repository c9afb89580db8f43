import { canonical, fullName, matchLikely, matchSure } from './match-items.ts';

/** Which group or step of an old document each of a new one is, wherever it stands now. */
export type NodeMatches = ReadonlyMap<object, object>;

type Nodes = readonly object[];

interface Matching {
  readonly matches: Map<object, object>;
  /** Old nodes that are no new one yet. */
  readonly free: Set<object>;
  /** Lists of one group, which may have more in common than is known. */
  readonly lists: { readonly olds: Nodes; readonly news: Nodes }[];
}

/**
 * Matches the groups and steps of two documents: within each list those that are surely the same; then
 * those that are left over in one place with those that are new in another, so that a step that was
 * moved keeps its comments; at last those that may be the same under another name.
 */
export function matchNodes(old: unknown, fresh: unknown): NodeMatches {
  const matching: Matching = {
    matches: new Map(),
    free: new Set(stepsOf(old).flatMap(allOf)),
    lists: [],
  };
  matchLists(stepsOf(old), stepsOf(fresh), matching);
  matchMoved(stepsOf(fresh).flatMap(allOf), matching);
  // The list grows while likely groups are found in it.
  for (const { olds, news } of matching.lists) matchWithin(olds, news, matching, matchLikely);
  return matching.matches;
}

function matchLists(olds: Nodes, news: Nodes, matching: Matching): void {
  matching.lists.push({ olds, news });
  matchWithin(olds, news, matching, matchSure);
}

function matchWithin(
  olds: Nodes,
  news: Nodes,
  matching: Matching,
  by: typeof matchSure | typeof matchLikely,
): void {
  const freeOlds = olds.filter((node) => matching.free.has(node));
  const freeNews = news.filter((node) => !matching.matches.has(node));
  for (const [fresh, old] of by(freeOlds, freeNews)) {
    const [node, other] = [freeNews[fresh], freeOlds[old]];
    if (node !== undefined && other !== undefined) match(node, other, matching);
  }
}

function match(node: object, other: object, matching: Matching): void {
  matching.matches.set(node, other);
  matching.free.delete(other);
  matchLists(stepsOf(other), stepsOf(node), matching);
}

function matchMoved(all: Nodes, matching: Matching): void {
  for (const name of [canonical, fullName]) {
    const byName = new Map<string, object[]>();
    for (const node of matching.free) {
      const key = name(node);
      if (key !== undefined) byName.set(key, [...(byName.get(key) ?? []), node]);
    }
    for (const node of all) {
      const key = matching.matches.has(node) ? undefined : name(node);
      const others = key === undefined ? [] : (byName.get(key) ?? []);
      const other = others.find((each) => matching.free.has(each));
      if (other !== undefined) match(node, other, matching);
    }
  }
}

/** The groups and steps in a document or group. */
export function stepsOf(node: unknown): Nodes {
  const steps: unknown = Reflect.get(Object(node), 'steps');
  return Array.isArray(steps) && steps.every((each) => typeof each === 'object' && each !== null)
    ? steps
    : [];
}

function allOf(node: object): Nodes {
  return [node, ...stepsOf(node).flatMap(allOf)];
}
