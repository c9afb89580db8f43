/** Groups within groups of one condition, and its parts in all. */
export const MAX_CONDITION_DEPTH = 16;
export const MAX_CONDITION_NODES = 1000;

/** All conditions, any condition, none. */
const words = ['all', 'any', 'none'] as const;
type Word = (typeof words)[number];

/** A tree of conditions whose leaves are expressions. */
export type Tree<Leaf> =
  | { readonly all: readonly Tree<Leaf>[] }
  | { readonly any: readonly Tree<Leaf>[] }
  | { readonly none: readonly Tree<Leaf>[] }
  | Leaf;

/** The word of a group of conditions, and what is in it. */
export function branchOf<Node>(
  group:
    | { readonly all: readonly Node[] }
    | { readonly any: readonly Node[] }
    | { readonly none: readonly Node[] },
): {
  readonly word: Word;
  readonly children: readonly Node[];
} {
  if ('all' in group) return { word: 'all', children: group.all };
  return 'any' in group
    ? { word: 'any', children: group.any }
    : { word: 'none', children: group.none };
}

/** The list of a group in a document, which has its one word and nothing else; undefined for anything else. */
export function readGroup(
  value: unknown,
): { readonly word: Word; readonly list: readonly unknown[] } | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const [key, ...others] = Object.keys(value);
  const word = words.find((word) => word === key);
  if (word === undefined || others.length > 0) return undefined;
  const list: unknown = Reflect.get(value, word);
  return Array.isArray(list) ? { word, list } : undefined;
}

/** An expression of a condition, with its place: `steps[0].condition.any[1]`. */
interface PlacedExpression<Leaf> {
  readonly expression: Leaf;
  readonly path: string;
}

/** The expressions of a condition, in order, each with its place. */
export function expressionsOf<Leaf extends { readonly kind: string }>(
  condition: Tree<Leaf>,
  path: string,
): readonly PlacedExpression<Leaf>[] {
  const found: PlacedExpression<Leaf>[] = [];
  const walk = (node: Tree<Leaf>, at: string): void => {
    if ('kind' in node) {
      found.push({ expression: node, path: at });
      return;
    }
    const { word, children } = branchOf<Tree<Leaf>>(node);
    for (const [index, child] of children.entries()) walk(child, `${at}.${word}[${index}]`);
  };
  walk(condition, path);
  return found;
}
