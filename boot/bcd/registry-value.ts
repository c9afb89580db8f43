import { BcdError } from './bcd-error.ts';
import { type HiveValue, registryType } from './hive.ts';
import { utf16Bytes, utf16Text } from './utf16.ts';

/** A REG_SZ with its terminator. */
export function textValue(name: string, text: string): HiveValue {
  return { name, type: registryType.REG_SZ, data: utf16Bytes(`${text}\0`) };
}

/** A REG_MULTI_SZ: each text terminated, and the list by an empty one. */
export function textsValue(name: string, texts: readonly string[]): HiveValue {
  const text = [...texts.map((entry) => `${entry}\0`), '\0'].join('');
  return { name, type: registryType.REG_MULTI_SZ, data: utf16Bytes(text) };
}

/** A REG_DWORD. */
export function dwordValue(name: string, value: number): HiveValue {
  const data = new Uint8Array(4);
  new DataView(data.buffer).setUint32(0, value, true);
  return { name, type: registryType.REG_DWORD, data };
}

/** A REG_BINARY. */
export function binaryValue(name: string, data: Uint8Array): HiveValue {
  return { name, type: registryType.REG_BINARY, data };
}

/**
 * Text of a REG_SZ or REG_EXPAND_SZ. Terminators may be missing or more than one, as Windows takes
 * them; what follows a terminator is an error. @throws {BcdError} `hive.value`
 */
export function readText(value: HiveValue): string {
  if (value.type !== registryType.REG_SZ && value.type !== registryType.REG_EXPAND_SZ)
    throw unlike(value, 'text');
  if (value.data.length % 2 !== 0) throw unlike(value, 'text of whole characters');
  const text = withoutTerminators(utf16Text(value.data));
  if (text.includes('\0')) throw unlike(value, 'one text');
  return text;
}

/** The texts of a REG_MULTI_SZ. @throws {BcdError} `hive.value` */
export function readTexts(value: HiveValue): string[] {
  if (value.type !== registryType.REG_MULTI_SZ || value.data.length % 2 !== 0)
    throw unlike(value, 'a list of texts');
  const text = withoutTerminators(utf16Text(value.data));
  if (text === '') return [];
  const texts = text.split('\0');
  if (texts.includes('')) throw unlike(value, 'a list without empty texts');
  return texts;
}

/** The number of a REG_DWORD. @throws {BcdError} `hive.value` */
export function readDword(value: HiveValue): number {
  const { data } = value;
  if (value.type !== registryType.REG_DWORD || data.length !== 4) throw unlike(value, 'a number');
  return new DataView(data.buffer, data.byteOffset, data.length).getUint32(0, true);
}

/** The bytes of a REG_BINARY. @throws {BcdError} `hive.value` */
export function readBinary(value: HiveValue): Uint8Array {
  if (value.type !== registryType.REG_BINARY) throw unlike(value, 'binary data');
  return value.data;
}

/** No pattern: one would take the square of the length where zeros are followed by something. */
function withoutTerminators(text: string): string {
  let end = text.length;
  while (end > 0 && text.charCodeAt(end - 1) === 0) end--;
  return text.slice(0, end);
}

function unlike({ name, type, data }: HiveValue, wanted: string): BcdError {
  return new BcdError(
    'hive.value',
    `The value "${name}" (type ${type}, ${data.length} bytes) is not ${wanted}`,
  );
}
