import { type CellReader, damaged } from './cell-reader.ts';
import { comparedName } from './hive.ts';
import { latin1Text } from './utf16.ts';

/** One entry of a key's list of keys. The hint lets Windows skip names that cannot fit. */
export interface SubkeyEntry {
  readonly cell: number;
  readonly hint:
    | { readonly kind: 'none' }
    /** `lf`: the first four characters, or zeros when they are not 8-bit. */
    | { readonly kind: 'characters'; readonly bytes: Uint8Array }
    /** `lh`: a hash over the whole name. */
    | { readonly kind: 'hash'; readonly hash: number };
}

/**
 * Reads the list of keys below one, in any of its forms: `lf`, `lh`, `li`, or an `ri` over several of them.
 * @throws {BcdError} `hive.cell`, `hive.cell-shared`, `hive.record`
 */
export function readSubkeyList(
  cells: CellReader,
  { cell, count, path }: { cell: number; count: number; path: string },
): SubkeyEntry[] {
  if (count === 0) return [];
  const entries = readList(cells, { cell, path, nested: true });
  if (entries.length !== count)
    throw damaged('hive.record', `${path} has ${count} keys, its list ${entries.length}`);
  return entries;
}

function readList(
  cells: CellReader,
  { cell, path, nested }: { cell: number; path: string; nested: boolean },
): SubkeyEntry[] {
  const what = `the list of keys of ${path}`;
  const { bytes, view } = cells.claim(cell, what);
  const kind = latin1Text(bytes.subarray(0, 2));
  const count = view.getUint16(2, true);
  const entryBytes = kind === 'lf' || kind === 'lh' ? 8 : 4;
  if (!['lf', 'lh', 'li', ...(nested ? ['ri'] : [])].includes(kind))
    throw damaged('hive.record', `${what} begins with ${JSON.stringify(kind)}`);
  if (bytes.length < 4 + count * entryBytes)
    throw damaged('hive.record', `${what} is too short for its ${count} entries`);
  const places = Array.from({ length: count }, (_, index) => 4 + index * entryBytes);
  if (kind === 'ri')
    return places.flatMap((at) =>
      readList(cells, { cell: view.getUint32(at, true), path, nested: false }),
    );
  return places.map((at) => ({
    cell: view.getUint32(at, true),
    hint: readHint(kind, view, at + 4),
  }));
}

function readHint(kind: string, view: DataView, at: number): SubkeyEntry['hint'] {
  if (kind === 'lh') return { kind: 'hash', hash: view.getUint32(at, true) };
  if (kind !== 'lf') return { kind: 'none' };
  return { kind: 'characters', bytes: new Uint8Array(view.buffer, view.byteOffset + at, 4) };
}

/** Holds a hint against the name of its key: with a wrong one Windows does not find the key. @throws {BcdError} `hive.record` */
export function checkHint({ hint }: SubkeyEntry, name: string, path: string): void {
  // Other letters may have another upper case in Windows' table.
  if (hint.kind === 'none' || /[^\0-\x7f]/.test(name)) return;
  const fits =
    hint.kind === 'hash'
      ? hint.hash === hashOf(name)
      : comparedName(latin1Text(hint.bytes)) === comparedName(name.slice(0, 4).padEnd(4, '\0'));
  if (!fits) throw damaged('hive.record', `the list of ${path} has another hint for "${name}"`);
}

function hashOf(name: string): number {
  let hash = 0;
  for (let index = 0; index < name.length; index++)
    hash = (Math.imul(hash, 37) + comparedName(name.charAt(index)).charCodeAt(0)) >>> 0;
  return hash;
}

/** The hint of an `lf` entry. */
export function lfHint(name: string): Uint8Array {
  const hint = new Uint8Array(4);
  const units = Array.from({ length: Math.min(4, name.length) }, (_, at) => name.charCodeAt(at));
  if (units.every((unit) => unit <= 0xff)) hint.set(units);
  return hint;
}
