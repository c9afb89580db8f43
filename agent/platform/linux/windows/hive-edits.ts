/**
 * What changes of a registry hive become: the tree that must be there after them, and the script for hivexsh that
 * makes it. hivexsh sets all values of a key at once, so a key's other values are written again, byte by byte.
 * Pure.
 */
import {
  comparedName,
  type HiveKey,
  type HiveValue,
  keyAt,
  registryType,
  valueOf,
} from '#boot/bcd/hive.ts';
import {
  binaryValue,
  dwordValue,
  readDword,
  textsValue,
  textValue,
} from '#boot/bcd/registry-value.ts';
import { StepError } from '../../../sequence/step.ts';
import type { RegistryData, RegistryEdit } from '../../../sequence/windows-capability.ts';

export interface PlannedEdits {
  readonly expected: HiveKey;
  /** Empty where nothing changes. */
  readonly script: string;
}

/** Above this Windows keeps a value in segments (hives of 1.4 and newer), which hivex does not write. */
const MAX_VALUE_BYTES = 16_344;
const CURRENT = comparedName('CurrentControlSet');

/** @throws {StepError} `windows.hive` for what cannot be written by hivexsh */
export function planEdits(root: HiveKey, edits: readonly RegistryEdit[]): PlannedEdits {
  let expected = root;
  const script: string[] = [];
  for (const edit of edits) {
    const path = pathOf(root, edit.key);
    const lines: string[] = [];
    expected = applyEdit(expected, edit, { path, lines });
    script.push(...lines);
  }
  return { expected, script: script.length === 0 ? '' : [...script, 'commit', ''].join('\n') };
}

/** Names of a key's path; `CurrentControlSet` is a link that is not in the file: to the set that starts next. */
function pathOf(root: HiveKey, key: string): readonly string[] {
  const [first = '', ...rest] = key.split('\\').filter((name) => name !== '');
  if (first === '') throw refused(key, 'it names no key');
  if (comparedName(first) !== CURRENT) return [first, ...rest];
  const select = keyAt(root, 'Select');
  const number = select && (valueOf(select, 'Default') ?? valueOf(select, 'Current'));
  const set = number && `ControlSet${String(readDword(number)).padStart(3, '0')}`;
  if (set === undefined || keyAt(root, set) === undefined)
    throw refused(key, `the hive has no control set that starts next (${set ?? 'no Select'})`);
  return [set, ...rest];
}

interface Place {
  readonly path: readonly string[];
  readonly lines: string[];
}

function applyEdit(root: HiveKey, edit: RegistryEdit, { path, lines }: Place): HiveKey {
  switch (edit.kind) {
    case 'delete-key': {
      if (keyAt(root, ...path) === undefined) return root;
      lines.push(cd(realPath(root, path)), 'del');
      return without(root, path);
    }
    case 'delete-value': {
      const key = keyAt(root, ...path);
      const value = key && valueOf(key, edit.name);
      if (!key || !value) return root;
      const values = key.values.filter((one) => one !== value);
      lines.push(...setValues(realPath(root, path), values));
      return changed(root, path, (found) => ({ ...found, values }));
    }
    case 'set': {
      const wanted = valueFrom(edit.name, edit.value);
      const key = keyAt(root, ...path);
      const old = key && valueOf(key, edit.name);
      if (old && sameValue(old, { ...wanted, name: old.name })) return root;
      const added = missingKeys(root, path);
      for (const { parent, name } of added) lines.push(cd(parent), `add ${name}`);
      const values = key?.values.map((one) => (one === old ? { ...wanted, name: old.name } : one));
      const all = old ? (values ?? []) : [...(values ?? []), wanted];
      const real = [...realPath(root, path), ...path.slice(realPath(root, path).length)];
      lines.push(...setValues(real, all));
      return changed(root, path, (found) => ({ ...found, values: all }));
    }
  }
}

/** The names of a path as they are in the hive, as far as it is there. */
function realPath(root: HiveKey, path: readonly string[]): string[] {
  const names: string[] = [];
  let key: HiveKey | undefined = root;
  for (const name of path) {
    key = key && keyAt(key, name);
    if (key === undefined) break;
    names.push(key.name);
  }
  return names;
}

function missingKeys(
  root: HiveKey,
  path: readonly string[],
): { readonly parent: readonly string[]; readonly name: string }[] {
  const there = realPath(root, path);
  return path.slice(there.length).map((name, index) => ({
    parent: [...there, ...path.slice(there.length, there.length + index)],
    name,
  }));
}

/** The tree with one key changed, made where it is missing; what is not on the way is shared. */
function changed(
  key: HiveKey,
  path: readonly string[],
  change: (key: HiveKey) => HiveKey,
): HiveKey {
  const [name, ...rest] = path;
  if (name === undefined) return change(key);
  const child = keyAt(key, name);
  const made = changed(child ?? { name, values: [], keys: [] }, rest, change);
  const keys = child ? key.keys.map((one) => (one === child ? made : one)) : [...key.keys, made];
  return { ...key, keys };
}

function without(key: HiveKey, path: readonly string[]): HiveKey {
  const [name = '', ...rest] = path;
  const child = keyAt(key, name);
  if (child === undefined) return key;
  const keys =
    rest.length === 0
      ? key.keys.filter((one) => one !== child)
      : key.keys.map((one) => (one === child ? without(child, rest) : one));
  return { ...key, keys };
}

function valueFrom(name: string, { type, data }: RegistryData): HiveValue {
  switch (type) {
    case 'REG_SZ':
      return textValue(name, data);
    case 'REG_EXPAND_SZ':
      return { ...textValue(name, data), type: registryType.REG_EXPAND_SZ };
    case 'REG_DWORD':
      return dwordValue(name, data);
    case 'REG_MULTI_SZ':
      return textsValue(name, data);
    case 'REG_BINARY':
      return binaryValue(name, data);
  }
}

function cd(path: readonly string[]): string {
  for (const name of path)
    if (/[\r\n\0]|^\s|\s$/.test(name)) throw refused(path.join('\\'), `a key named "${name}"`);
  // A blank behind the backslash: alone it would take the next line to it.
  return `cd \\${path.join('\\')}${path.length === 0 ? ' ' : ''}`;
}

function setValues(path: readonly string[], values: readonly HiveValue[]): string[] {
  const lines = [cd(path), `setval ${values.length}`];
  for (const { name, type, data } of values) {
    if (/[\r\n\0]/.test(name) || name === '@')
      throw refused(path.join('\\'), `a value named ${JSON.stringify(name)}`);
    if (data.length > MAX_VALUE_BYTES)
      throw refused(path.join('\\'), `its value "${name}" has ${data.length} bytes`);
    lines.push(name === '' ? '@' : name, `hex:${type}:${Buffer.from(data).toString('hex')}`);
  }
  return lines;
}

function refused(key: string, why: string): StepError {
  return new StepError('windows.hive', `The key ${key} cannot be changed from Linux: ${why}`, {
    hint: 'Make the change in a command of the installed Windows.',
  });
}

/** Whether two trees are alike: names without regard to their order, values with type and bytes. */
export function sameTree(one: HiveKey, other: HiveKey): boolean {
  if (one.values.length !== other.values.length || one.keys.length !== other.keys.length)
    return false;
  const values = new Map(other.values.map((value) => [value.name, value]));
  for (const value of one.values) {
    const found = values.get(value.name);
    if (!found || !sameValue(value, found)) return false;
  }
  const keys = new Map(other.keys.map((key) => [key.name, key]));
  return one.keys.every((key) => {
    const found = keys.get(key.name);
    return found !== undefined && sameTree(key, found);
  });
}

function sameValue(one: HiveValue, other: HiveValue): boolean {
  if (one.name !== other.name || one.type !== other.type) return false;
  return Buffer.compare(one.data, other.data) === 0;
}
