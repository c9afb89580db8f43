/** One place where server and file differ; null where one of them has nothing. */
export interface Difference {
  readonly path: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** Names are the same whatever their case. */
export function key(name: string): string {
  return name.trim().toLowerCase();
}

/**
 * Places in which two values of JSON differ, field by field; lists are compared as wholes but for lists of
 * objects, item by item. What is `undefined` counts as not there.
 */
export function differencesOf(before: unknown, after: unknown, path = ''): Difference[] {
  if (isRecord(before) && isRecord(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return names.flatMap((name) =>
      differencesOf(before[name], after[name], path === '' ? name : `${path}: ${name}`),
    );
  }
  if (isListOfRecords(before) && isListOfRecords(after))
    return Array.from(
      { length: Math.max(before.length, after.length) },
      (_, index) => index,
    ).flatMap((index) => differencesOf(before[index], after[index], `${path} ${index + 1}`.trim()));
  const [old, next] = [textOf(before), textOf(after)];
  return old === next ? [] : [{ path, before: old, after: next }];
}

/** Differences of two maps, with what each key is called. */
export function mapDifferences(
  path: string,
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
  shown: (key: string) => string = (each) => each,
): Difference[] {
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((each) => {
    const [old = null, next = null] = [before.get(each), after.get(each)];
    return old === next ? [] : [{ path: `${path}: ${shown(each)}`, before: old, after: next }];
  });
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isListOfRecords(value: unknown): value is readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) && value.length > 0 && value.every(isRecord);
}

/** A value in one line; null for nothing. Fields in an order of their own, so that theirs does not count. */
function textOf(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value === 'string') return value;
  return JSON.stringify(sorted(value));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, each]) => [name, sorted(each)]),
  );
}
