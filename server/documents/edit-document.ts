import { closest } from '#agent/sequence/closest.ts';
import { documentPath } from '#agent/sequence/document-path.ts';
import { DocumentError } from './document-error.ts';

/** Keys from the top of a document to a place in it: `['steps', 0, 'params']`. */
export type Keys = readonly (string | number)[];

/** A place as it is written, `steps[0].params`, as keys. @throws {DocumentError} `document.path` */
export function parsePath(path: string): Keys {
  if (!/^[^.[\]]+(\.[^.[\]]+|\[\d{1,9}\])*$/.test(path))
    throw new DocumentError('document.path', `${JSON.stringify(path)} is no place in a document`, {
      hint: 'Write it as messages do: steps[0].params.timeoutMinutes',
    });
  return [...path.matchAll(/([^.[\]]+)|\[(\d+)\]/g)].map(([, name = '', index]) =>
    index === undefined ? name : Number(index),
  );
}

/** What stands at a place; undefined where nothing does. */
export function valueAt(document: unknown, keys: Keys): unknown {
  let at = document;
  for (const key of keys) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return undefined;
    at = Reflect.get(at, key);
  }
  return at;
}

/**
 * The document with a value put at a place; undefined takes away what is there. Maps on the way are made.
 * @throws {DocumentError} `document.path`: there is no such list, or the place is no item of it or the next
 */
export function withValue(document: unknown, keys: Keys, value: unknown, done: Keys = []): unknown {
  const [key, ...inner] = keys;
  if (key === undefined) return value;
  const place = documentPath('', [...done, key]);
  const put = (at: unknown) => withValue(at, inner, value, [...done, key]);
  if (Array.isArray(document) || typeof key === 'number') {
    if (!Array.isArray(document) || typeof key !== 'number' || key > document.length)
      throw new DocumentError('document.path', `There is no place ${place} in the document`, {
        path: place,
        hint: Array.isArray(document)
          ? `The list has ${document.length}; items are numbered from 0.`
          : 'What stands before it is no list.',
      });
    if (inner.length === 0 && value === undefined) return document.toSpliced(key, 1);
    return [...document.slice(0, key), put(document[key]), ...document.slice(key + 1)];
  }
  const isMap = typeof document === 'object' && document !== null;
  const map: Readonly<Record<string, unknown>> = isMap ? { ...document } : {};
  if (inner.length > 0 || value !== undefined) return { ...map, [key]: put(map[key]) };
  const { [key]: _, ...rest } = map;
  return rest;
}

/** A group or step of a document, with where it stands. */
export interface FoundNode {
  readonly keys: Keys;
  readonly name: string;
  /** As a run names it: `0/2/1`. */
  readonly id: string;
  readonly value: unknown;
}

/** All groups and steps, in order. */
function listNodes(document: unknown, around: Keys = [], id = ''): readonly FoundNode[] {
  const steps = valueAt(document, ['steps']);
  if (!Array.isArray(steps)) return [];
  return steps.flatMap((value: unknown, index): FoundNode[] => {
    const keys = [...around, 'steps', index];
    const own = id === '' ? String(index) : `${id}/${index}`;
    const name = valueAt(value, ['group']) ?? valueAt(value, ['step']);
    const node = { keys, id: own, name: typeof name === 'string' ? name : '', value };
    return [node, ...listNodes(value, keys, own)];
  });
}

/**
 * The one group or step that is meant: by its name without case, its id or its place.
 * @throws {DocumentError} `document.step-unknown`, `document.step-ambiguous`
 */
export function findNode(document: unknown, wanted: string): FoundNode {
  const all = listNodes(document);
  const key = wanted.trim().toLowerCase();
  const exact = all.find(({ id, keys }) => id === key || documentPath('', keys) === key);
  const found = all.filter(({ name }) => name.trim().toLowerCase() === key);
  const [first, second] = exact === undefined ? found : [exact];
  if (first === undefined) {
    const near = closest(wanted, [...new Set(all.map(({ name }) => name))]);
    throw new DocumentError('document.step-unknown', `There is no step or group "${wanted}"`, {
      hint:
        near.length > 0
          ? `Did you mean ${near.join(' or ')}?`
          : 'Name it as it stands in the document, or by its id: 0/2/1',
    });
  }
  if (second !== undefined) {
    const places = found.map(({ id, keys }) => `${id} (${documentPath('', keys)})`);
    throw new DocumentError(
      'document.step-ambiguous',
      `"${wanted}" is the name of ${found.length} steps and groups: ${places.slice(0, 5).join(', ')}`,
      { hint: 'Name it by its id.' },
    );
  }
  return first;
}

/** Where a node is moved to. */
export interface Target {
  readonly where: 'before' | 'after' | 'into';
  /** A step or group; for `into` a group, to the end of which it is put. */
  readonly node: string;
}

/**
 * The document with a group or step moved.
 * @throws {DocumentError} `document.step-unknown`, `document.step-ambiguous`, `document.move`
 */
export function moveNode(document: unknown, wanted: string, { where, node }: Target): unknown {
  const moved = findNode(document, wanted);
  const target = findNode(document, node);
  if (target.id === moved.id || target.id.startsWith(`${moved.id}/`))
    throw new DocumentError(
      'document.move',
      `"${moved.name}" cannot be moved to where it is itself`,
    );
  if (where === 'into' && valueAt(target.value, ['group']) === undefined)
    throw new DocumentError('document.move', `"${target.name}" is no group`, {
      hint: 'Name a group, or a step that it is to stand before or after.',
    });
  const rebuilt = (list: unknown, around: string): unknown[] =>
    (Array.isArray(list) ? list : []).flatMap((value: unknown, index) => {
      const id = around === '' ? String(index) : `${around}/${index}`;
      if (id === moved.id) return [];
      const inner = rebuilt(valueAt(value, ['steps']), id);
      const isTarget = id === target.id;
      if (isTarget && where === 'into') inner.push(moved.value);
      const isGroup = valueAt(value, ['group']) !== undefined;
      const node = isGroup ? { ...Object(value), steps: inner } : value;
      if (!isTarget || where === 'into') return [node];
      return where === 'before' ? [moved.value, node] : [node, moved.value];
    });
  return withValue(document, ['steps'], rebuilt(valueAt(document, ['steps']), ''));
}
