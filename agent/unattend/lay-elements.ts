import { isListItem, isNumbered, itemKey, renumbered } from './list-items.ts';
import type { UnattendElement } from './unattend.ts';

/** How one list of elements is laid over another. */
export interface LayOptions {
  /** Whose commands keep their numbers where both have some: those of the others move behind them. */
  readonly numbers: 'under' | 'over';
  /** Called with the place of each value that is replaced by another one. */
  readonly replaced: (path: string) => void;
}

/** Elements that are one setting: what was said of them before does not go with what is said now. */
const wholes: ReadonlySet<string> = new Set([
  'Identification',
  'AdministratorPassword',
  'Password',
  'Credentials',
  'Interface',
  'DNSSuffixSearchOrder',
]);

/**
 * Elements laid over others of the same parent. One that both have is that of `over`, its children laid
 * over the others'; items of lists are known by their keys, and commands by what they run. An empty
 * element, as templates are full of, does not displace a value.
 */
export function layElements(
  under: readonly UnattendElement[],
  over: readonly UnattendElement[],
  path: string,
  options: LayOptions,
): readonly UnattendElement[] {
  const keyOf = keysFor([under, over]);
  const places = new Map<string, number>();
  for (const [index, each] of under.entries())
    if (!places.has(keyOf(each))) places.set(keyOf(each), index);
  const laid = new Map<number, UnattendElement>();
  const added: UnattendElement[] = [];
  for (const each of over) {
    const index = places.get(keyOf(each));
    const below = index === undefined ? undefined : under[index];
    if (index === undefined || below === undefined || laid.has(index)) added.push(each);
    else laid.set(index, layElement(below, each, `${path}/${each.name}`, options));
  }
  if (options.numbers === 'under')
    return [...under.map((each, index) => laid.get(index) ?? each), ...renumbered(added, under)];
  const kept = renumbered(
    under.filter((_, index) => !laid.has(index)),
    over,
  ).values();
  return [...under.flatMap((_, index) => laid.get(index) ?? kept.next().value ?? []), ...added];
}

/** What an element is known by in these lists: its name, and as one of several its key. */
function keysFor(
  lists: readonly (readonly UnattendElement[])[],
): (element: UnattendElement) => string {
  const several = new Set<string>();
  for (const list of lists) {
    const seen = new Set<string>();
    for (const each of list) {
      if (isListItem(each) || seen.has(each.name)) several.add(each.name);
      seen.add(each.name);
    }
  }
  return (each) => (several.has(each.name) ? `${each.name} ${itemKey(each)}` : each.name);
}

function layElement(
  under: UnattendElement,
  over: UnattendElement,
  path: string,
  options: LayOptions,
): UnattendElement {
  const comments = [...under.comments, ...over.comments];
  const isRemoval = over.attributes['wcm:action'] === 'remove';
  if (!isRemoval && isBlank(over) && !isEmpty(under)) return { ...under, comments };
  if (isNumbered(over)) return { ...(options.numbers === 'under' ? under : over), comments };
  const isOne = isRemoval || wholes.has(over.name) || itemKey(over).startsWith('Order ');
  if (isOne || under.children.length === 0 || over.children.length === 0) {
    if (!isEmpty(under) && !isSame(under, over)) options.replaced(path);
    return { ...over, comments };
  }
  return {
    ...over,
    comments,
    attributes: { ...under.attributes, ...over.attributes },
    children: layElements(under.children, over.children, path, options),
    lastComments: [...under.lastComments, ...over.lastComments],
  };
}

/** Whether it says nothing: neither text nor an element that has one. */
function isEmpty({ children, text }: UnattendElement): boolean {
  return text.trim() === '' && children.every(isEmpty);
}

function isBlank({ children, text }: UnattendElement): boolean {
  return children.length === 0 && text.trim() === '';
}

function isSame(one: UnattendElement, other: UnattendElement): boolean {
  const { children } = other;
  return (
    one.name === other.name &&
    one.text === other.text &&
    one.children.length === children.length &&
    one.children.every((child, index) => {
      const beside = children[index];
      return beside !== undefined && isSame(child, beside);
    })
  );
}
