import { BcdError } from './bcd-error.ts';

const PATTERN = /^\{?([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})\}?$/i;
/** Where each byte of the text goes: the first three fields are little-endian, the rest is as written. */
const ORDER = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15] as const;

export const GUID_BYTES = 16;
/** The GUID of nothing: a device element without options has it. */
export const NO_GUID = '00000000-0000-0000-0000-000000000000';

/** A GUID in lower case, without braces, from text with or without them. @throws {BcdError} `bcd.guid` */
export function guidOf(text: string): string {
  const match = PATTERN.exec(text);
  if (match === null) throw new BcdError('bcd.guid', `"${text}" is no GUID`);
  return match.slice(1).join('-').toLowerCase();
}

/** Reads 16 bytes, mixed-endian as Windows and GPT store them. @throws {BcdError} `bcd.guid` */
export function parseGuid(bytes: Uint8Array): string {
  if (bytes.length !== GUID_BYTES)
    throw new BcdError('bcd.guid', `A GUID has ${GUID_BYTES} bytes, not ${bytes.length}`);
  const hex = ORDER.map((from) => (bytes[from] ?? 0).toString(16).padStart(2, '0')).join('');
  return guidOf(hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'));
}

/** The 16 bytes of a GUID, mixed-endian. @throws {BcdError} `bcd.guid` */
export function formatGuid(text: string): Uint8Array {
  const hex = guidOf(text).replaceAll('-', '');
  return Uint8Array.from(ORDER, (from) => Number.parseInt(hex.slice(from * 2, from * 2 + 2), 16));
}
