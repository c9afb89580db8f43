import { readFile, writeFile } from 'node:fs/promises';
import { formatHive } from '#boot/bcd/format-hive.ts';
import { type HiveKey, type HiveValue, registryType } from '#boot/bcd/hive.ts';
import { parseHive } from '#boot/bcd/parse-hive.ts';
import { dwordValue, readDword, textValue } from '#boot/bcd/registry-value.ts';
import { DELEGATE, type StandInTool } from '../stand-in-server.ts';

/** A hive as it is changed: keys and values by their names in lower case. */
interface OpenKey {
  readonly name: string;
  readonly values: Map<string, HiveValue>;
  readonly keys: Map<string, OpenKey>;
}
interface Loaded {
  readonly file: string;
  readonly fileName: string;
  readonly root: OpenKey;
}

/**
 * Stands for reg where it loads hives, which Wine's cannot, and for keys of those; Wine's own does the rest. A hive is
 * written when it is unloaded, so that one that stays loaded has lost its changes, as in a power cut.
 */
export function reg(hostPath: (path: string) => Promise<string | undefined>): StandInTool {
  const loaded = new Map<string, Loaded>();
  return async ({ words }) => {
    const [verb = '', key = '', third = ''] = words;
    const [, name = '', below = ''] =
      /^(?:HKLM|HKEY_LOCAL_MACHINE)\\(METALWRIGHT_\w+)\\?(.*)$/i.exec(key) ?? [];
    if (name === '') return DELEGATE;
    const id = name.toUpperCase();
    if (verb.toLowerCase() === 'load') {
      const file = await hostPath(third);
      if (file === undefined || loaded.has(id)) return 1;
      const { fileName, root } = parseHive(await readFile(file));
      loaded.set(id, { file, fileName, root: openKey(root) });
      return 'The operation completed successfully.\r\n';
    }
    const hive = loaded.get(id);
    if (hive === undefined) return 1;
    const path = below.split('\\').filter((part) => part !== '');
    switch (verb.toLowerCase()) {
      case 'unload':
        await writeFile(
          hive.file,
          formatHive({ fileName: hive.fileName, lastWritten: 1n, root: closedKey(hive.root) }),
        );
        loaded.delete(id);
        return 'The operation completed successfully.\r\n';
      case 'query':
        return query(hive.root, path, words.slice(2), `HKEY_LOCAL_MACHINE\\${id}`);
      case 'add':
        return add(hive.root, path, words.slice(2));
      case 'delete':
        return remove(hive.root, path, words.slice(2));
      default:
        return 1;
    }
  };
}

function find(root: OpenKey, path: readonly string[]): OpenKey | undefined {
  return path.reduce<OpenKey | undefined>((key, part) => key?.keys.get(part.toLowerCase()), root);
}

function option(words: readonly string[], name: string): string | undefined {
  const at = words.findIndex((word) => word.toLowerCase() === name);
  return at === -1 ? undefined : words[at + 1];
}

/** The name of the value that is meant, or undefined where the key is. */
function valueName(words: readonly string[]): string | undefined {
  return words.some((word) => word.toLowerCase() === '/ve') ? '' : option(words, '/v');
}

function query(
  root: OpenKey,
  path: readonly string[],
  words: readonly string[],
  top: string,
): string | number {
  const key = find(root, path);
  if (key === undefined) return 1;
  const full = [top, ...path].join('\\');
  const wanted = valueName(words);
  const values = [...key.values.values()].filter(
    ({ name }) => wanted === undefined || name.toLowerCase() === wanted.toLowerCase(),
  );
  if (wanted !== undefined && values.length === 0) return 1;
  const lines = values.map(
    (value) => `    ${value.name || '(Default)'}    ${typeName(value)}    ${printed(value)}`,
  );
  const below =
    wanted === undefined ? [...key.keys.values()].map(({ name }) => `${full}\\${name}`) : [];
  const own = lines.length > 0 ? [full, ...lines, ''] : [];
  return `\r\n${[...own, ...below].join('\r\n')}\r\n`;
}

function add(root: OpenKey, path: readonly string[], words: readonly string[]): string | number {
  let key = root;
  for (const part of path) {
    const next = key.keys.get(part.toLowerCase()) ?? {
      name: part,
      values: new Map(),
      keys: new Map(),
    };
    key.keys.set(part.toLowerCase(), next);
    key = next;
  }
  const name = valueName(words);
  const value =
    name === undefined
      ? undefined
      : made(name, option(words, '/t') ?? 'REG_SZ', option(words, '/d') ?? '');
  if (value !== undefined) key.values.set(value.name.toLowerCase(), value);
  return 'The operation completed successfully.\r\n';
}

function remove(root: OpenKey, path: readonly string[], words: readonly string[]): string | number {
  const name = valueName(words);
  const parent = find(root, path.slice(0, -1));
  const gone =
    name === undefined
      ? parent?.keys.delete(path.at(-1)?.toLowerCase() ?? '')
      : find(root, path)?.values.delete(name.toLowerCase());
  return gone === true ? 'The operation completed successfully.\r\n' : 1;
}

function made(name: string, type: string, data: string): HiveValue {
  switch (type) {
    case 'REG_DWORD':
      return dwordValue(name, Number(data));
    case 'REG_BINARY':
      return { name, type: registryType.REG_BINARY, data: Buffer.from(data, 'hex') };
    case 'REG_MULTI_SZ': {
      const text = data
        .split('\\0')
        .map((each) => `${each}\0`)
        .join('');
      return { name, type: registryType.REG_MULTI_SZ, data: Buffer.from(`${text}\0`, 'utf16le') };
    }
    default:
      return {
        ...textValue(name, data),
        type: type === 'REG_EXPAND_SZ' ? registryType.REG_EXPAND_SZ : registryType.REG_SZ,
      };
  }
}

function typeName({ type }: HiveValue): string {
  return Object.entries(registryType).find(([, number]) => number === type)?.[0] ?? 'REG_NONE';
}

function printed(value: HiveValue): string {
  const text = Buffer.from(value.data).toString('utf16le');
  switch (value.type) {
    case registryType.REG_DWORD:
      return `0x${readDword(value).toString(16)}`;
    case registryType.REG_MULTI_SZ:
      return text.replace(/\0+$/, '').replaceAll('\0', '\\0');
    case registryType.REG_SZ:
    case registryType.REG_EXPAND_SZ:
      return text.replace(/\0+$/, '');
    default:
      return Buffer.from(value.data).toString('hex').toUpperCase();
  }
}

function openKey({ name, values, keys }: HiveKey): OpenKey {
  return {
    name,
    values: new Map(
      values.map((value) => [
        value.name.toLowerCase(),
        { ...value, data: Uint8Array.from(value.data) },
      ]),
    ),
    keys: new Map(keys.map((each) => [each.name.toLowerCase(), openKey(each)])),
  };
}

function closedKey({ name, values, keys }: OpenKey): HiveKey {
  return { name, values: [...values.values()], keys: [...keys.values()].map(closedKey) };
}
