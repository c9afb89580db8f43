/** One structure of an SMBIOS table (DSP0134, 6.1). */
export interface SmbiosStructure {
  readonly type: number;
  readonly handle: number;
  /** The formatted area, header included: offsets are those of the specification. A view, not a copy. */
  readonly formatted: DataView;
  /** Strings 1, 2, … at index 0, 1, …, as they are, blanks and all. */
  readonly strings: readonly string[];
}

/** A table has an end marker; makers forget it, and a lying one must not be walked for ever. */
const MAX_STRUCTURES = 4096;
const MAX_STRINGS = 255;
const END_OF_TABLE = 127;

/**
 * Reads the structures of a table (DSP0134, 6.1) as far as they make sense: a length below the header's
 * or beyond the end stops it, and what came before is kept. Never throws: firmware is not to be argued with.
 */
export function parseSmbiosTable(table: Uint8Array): SmbiosStructure[] {
  const view = new DataView(table.buffer, table.byteOffset, table.byteLength);
  const found: SmbiosStructure[] = [];
  let at = 0;
  while (found.length < MAX_STRUCTURES && at + 4 <= table.length) {
    const type = view.getUint8(at);
    const length = view.getUint8(at + 1);
    if (length < 4 || at + length > table.length || type === END_OF_TABLE) break;
    const { strings, end } = readStrings(table, at + length);
    found.push({
      type,
      handle: view.getUint16(at + 2, true),
      formatted: new DataView(table.buffer, table.byteOffset + at, length),
      strings,
    });
    at = end;
  }
  return found;
}

/** The strings behind a structure: each ends with NUL, the set with one more; an empty set is two NULs. */
function readStrings(table: Uint8Array, start: number): { strings: string[]; end: number } {
  const strings: string[] = [];
  let at = start;
  while (at < table.length && table[at] !== 0) {
    const nul = table.indexOf(0, at);
    const end = nul === -1 ? table.length : nul;
    if (strings.length < MAX_STRINGS)
      strings.push(Buffer.from(table.subarray(at, end)).toString('latin1'));
    at = end + 1;
  }
  return { strings, end: strings.length === 0 ? start + 2 : at + 1 };
}

/** The byte at an offset; undefined where this version of the structure does not reach so far. */
export function byteAt({ formatted }: SmbiosStructure, offset: number): number | undefined {
  return offset < formatted.byteLength ? formatted.getUint8(offset) : undefined;
}
/** Two bytes, little-endian. */
export function wordAt({ formatted }: SmbiosStructure, offset: number): number | undefined {
  return offset + 2 <= formatted.byteLength ? formatted.getUint16(offset, true) : undefined;
}
/** Four bytes, little-endian. */
export function dwordAt({ formatted }: SmbiosStructure, offset: number): number | undefined {
  return offset + 4 <= formatted.byteLength ? formatted.getUint32(offset, true) : undefined;
}
/** The string whose number is at an offset; null where there is none (number 0), or it is not there. */
export function stringAt(structure: SmbiosStructure, offset: number): string | null {
  const number = byteAt(structure, offset) ?? 0;
  return structure.strings[number - 1] ?? null;
}
