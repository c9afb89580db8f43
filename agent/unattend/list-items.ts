/** Which items of two lists are the same one: their key is `wcm:keyValue` or stands in an element of theirs. */
import type { UnattendElement } from './unattend.ts';

/**
 * Items with a number that only says where in the order they stand: commands, and folders of drivers.
 * What they are is what they run or where they point, so two with one number are still two.
 */
const numbered: ReadonlySet<string> = new Set([
  'RunSynchronousCommand',
  'RunAsynchronousCommand',
  'SynchronousCommand',
  'AsynchronousCommand',
  'PathAndCredentials',
]);
const KEY_VALUE = 'wcm:keyValue';

/** Elements that identify an item, the first that it has: see the lists of the Unattended Windows Setup Reference. */
const keyNames = ['Order', 'Identifier', 'DiskID', 'PartitionID', 'Key', 'Name', 'Domain'];

/** Whether it is an item of a list: more than one may stand beside each other. */
export function isListItem({ name, attributes }: UnattendElement): boolean {
  return numbered.has(name) || attributes['wcm:action'] !== undefined;
}

/** Whether it has a number that is its place and not its key. */
export function isNumbered({ name }: UnattendElement): boolean {
  return numbered.has(name);
}

/** What identifies an item among those of its name. */
export function itemKey(item: UnattendElement): string {
  const { attributes, children, text } = item;
  if (isNumbered(item)) {
    const run = children.find(({ name }) => name === 'Path' || name === 'CommandLine');
    return `runs ${(run?.text ?? '').trim().toLowerCase()}`;
  }
  const keyValue = attributes[KEY_VALUE];
  if (keyValue !== undefined) return `keyValue ${keyValue}`;
  for (const keyName of keyNames) {
    const key = children.find(({ name }) => name === keyName);
    if (key !== undefined) return `${keyName} ${key.text.trim().toLowerCase()}`;
  }
  return `text ${text.trim()}`;
}

/** `moving`, each numbered item that has a number of `fixed` moved behind all of them, in order. */
export function renumbered(
  moving: readonly UnattendElement[],
  fixed: readonly UnattendElement[],
): readonly UnattendElement[] {
  const taken = new Set<string>();
  const highest = new Map<string, number>();
  for (const item of [...fixed, ...moving]) {
    const number = numberOf(item) ?? 0;
    highest.set(item.name, Math.max(highest.get(item.name) ?? 0, number));
  }
  for (const item of fixed) taken.add(`${item.name} ${numberOf(item)}`);
  return moving.map((item) => {
    const number = numberOf(item);
    if (number === undefined || !taken.has(`${item.name} ${number}`)) return item;
    const free = (highest.get(item.name) ?? 0) + 1;
    highest.set(item.name, free);
    return withNumber(item, free);
  });
}

/** The number of a numbered item; undefined where it has none. */
function numberOf(item: UnattendElement): number | undefined {
  if (!isNumbered(item)) return undefined;
  const order = item.children.find(({ name }) => name === 'Order');
  const text = (order?.text ?? item.attributes[KEY_VALUE] ?? '').trim();
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

function withNumber(item: UnattendElement, number: number): UnattendElement {
  const text = String(number);
  if (item.attributes[KEY_VALUE] !== undefined)
    return { ...item, attributes: { ...item.attributes, [KEY_VALUE]: text } };
  const children = item.children.map((child) =>
    child.name === 'Order' ? { ...child, text } : child,
  );
  return { ...item, children };
}
