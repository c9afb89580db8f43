import { BcdError } from './bcd-error.ts';
import {
  type BcdValue,
  braced,
  ELEMENT,
  elementId,
  formatElement,
  parseElement,
} from './element-value.ts';
import { formatHive } from './format-hive.ts';
import { guidOf } from './guid.ts';
import { type HiveKey, keyAt, valueOf } from './hive.ts';
import { parseHive } from './parse-hive.ts';
import { dwordValue, readDword, textValue } from './registry-value.ts';

/** A boot configuration data store (BCD): what the Windows boot manager reads to know what to start, and how. */
export interface BcdStore {
  /** The store of a disk that Windows starts from, and finds and changes by itself. */
  readonly system: boolean;
  /** Sorted by id in what was read. */
  readonly objects: readonly BcdObject[];
}

/** An application, a set of settings that others inherit, or options of a device. */
export interface BcdObject {
  /** GUID in lower case, without braces. */
  readonly id: string;
  /** One of `objectType`, or another number. */
  readonly type: number;
  /** Sorted by id in what was read. */
  readonly elements: readonly BcdElement[];
}

/** One setting of an object. */
export interface BcdElement {
  readonly id: number;
  readonly value: BcdValue;
}

const OBJECTS = 'Objects';
const DESCRIPTION = 'Description';
const ELEMENTS = 'Elements';
const TYPE = 'Type';
const SYSTEM = 'System';
/** Windows' own name for a store that was made new; it is not significant. */
const ROOT_NAME = 'NewStoreRoot';

/**
 * Reads a store, all of it or nothing.
 * @throws {BcdError} as `parseHive`, and `bcd.store`, `bcd.object`, `bcd.element`, `bcd.guid`, `hive.value`
 */
export function parseStore(bytes: Uint8Array): BcdStore {
  const { root } = parseHive(bytes);
  const objects = keyAt(root, OBJECTS);
  if (objects === undefined)
    throw new BcdError(
      'bcd.store',
      'The registry hive is no boot configuration: it has no key "Objects"',
      { hint: 'Give the file \\Boot\\BCD or \\EFI\\Microsoft\\Boot\\BCD.' },
    );
  // The description only names the key that Windows loads the store under: a store may be without.
  const description = keyAt(root, DESCRIPTION);
  const system = description && valueOf(description, SYSTEM);
  return {
    system: system !== undefined && readDword(system) !== 0,
    objects: objects.keys.map(parseObject),
  };
}

/**
 * The bytes of a store, as a file `BCD` is. Equal stores give equal bytes.
 * @param lastWritten FILETIME, see `fileTimeOf`.
 * @throws {BcdError} `bcd.guid`, `bcd.element`, `hive.names` when an object or element is there twice
 */
export function formatStore(store: BcdStore, lastWritten: bigint): Uint8Array {
  const system = store.system ? [dwordValue(SYSTEM, 1), dwordValue('TreatAsSystem', 1)] : [];
  const description = {
    name: DESCRIPTION,
    values: [textValue('KeyName', store.system ? 'BCD00000000' : 'BCD00000001'), ...system],
    keys: [],
  };
  const objects = { name: OBJECTS, values: [], keys: store.objects.map(objectKey) };
  const root = { name: ROOT_NAME, values: [], keys: [description, objects] };
  return formatHive({ fileName: 'BCD', lastWritten, root });
}

/** The store with its objects as the registry has them, by id. */
export function inOrder(store: BcdStore): BcdStore {
  const byId = (a: BcdObject, b: BcdObject): number => (a.id < b.id ? -1 : 1);
  return { ...store, objects: store.objects.toSorted(byId) };
}

function parseObject(key: HiveKey): BcdObject {
  const id = guidOf(key.name);
  const description = keyAt(key, DESCRIPTION);
  const type = description && valueOf(description, TYPE);
  if (type === undefined)
    throw new BcdError('bcd.object', `The object ${key.name} of the store has no type`);
  const elements = keyAt(key, ELEMENTS)?.keys.map((element) => {
    const found = /^[0-9a-f]{8}$/i.test(element.name) ? valueOf(element, ELEMENT) : undefined;
    if (found === undefined)
      throw new BcdError(
        'bcd.object',
        `The object ${key.name} of the store has an element "${element.name}" without a value`,
      );
    const elementNumber = Number.parseInt(element.name, 16);
    return { id: elementNumber, value: parseElement(elementNumber, found) };
  });
  return { id, type: readDword(type), elements: elements ?? [] };
}

function objectKey(object: BcdObject): HiveKey {
  const description = { name: DESCRIPTION, values: [dwordValue(TYPE, object.type)], keys: [] };
  const elements = object.elements.map(({ id, value }) => ({
    name: elementId(id),
    values: [formatElement(id, value)],
    keys: [],
  }));
  return {
    name: braced(object.id),
    values: [],
    keys: [description, { name: ELEMENTS, values: [], keys: elements }],
  };
}
