/** One value as `reg query` prints it. */
interface PrintedValue {
  /** Its name, or what this language calls the default value: `(Default)`, `(Standard)`. */
  readonly name: string;
  readonly type: string;
  readonly data: string;
}
export interface PrintedKey {
  readonly key: string;
  readonly values: readonly PrintedValue[];
}

const KEY_LINE = /^HKEY_[A-Z_]+(\\|$)/;
const VALUE_LINE = /^ {4}(.*?) {4}(REG_[A-Z0-9_]+)(?: {4}(.*))?$/;

/**
 * Reads what `reg query` prints: a line for each key, and below it, four blanks deep, name, type and data
 * of each value, four blanks apart. A string of several lines goes on at the margin. No word of it
 * depends on the language but the default value's name. Pure.
 */
export function parseRegQuery(output: string): PrintedKey[] {
  const keys: { key: string; values: { name: string; type: string; data: string }[] }[] = [];
  let empty = 0;
  for (const line of output.split(/\r?\n/)) {
    const key = keys.at(-1);
    const last = key?.values.at(-1);
    const value = VALUE_LINE.exec(line);
    if (line === '') {
      empty += 1;
      continue;
    }
    if (KEY_LINE.test(line)) keys.push({ key: line, values: [] });
    else if (value) {
      const [, name = '', type = '', data = ''] = value;
      key?.values.push({ name, type, data });
    } else if (last) last.data += '\n'.repeat(empty + 1) + line;
    empty = 0;
  }
  return keys;
}

/** Data in the form of `RegistryFacts`; strings joined by newlines, as `reg` marks them with `\0`. Pure. */
export function registryData(type: string, printed: string): string {
  if ((type === 'REG_DWORD' || type === 'REG_QWORD') && /^0x[0-9a-f]{1,16}$/i.test(printed))
    return BigInt(printed).toString();
  if (type === 'REG_BINARY' || type === 'REG_NONE') return printed.toLowerCase();
  if (type === 'REG_MULTI_SZ') return printed.replace(/(\\0)+$/, '').replaceAll('\\0', '\n');
  return printed;
}
