import { BcdError } from './bcd-error.ts';
import { type BcdDevice, formatDevice, parseDevice } from './device.ts';
import { guidOf } from './guid.ts';
import type { HiveValue } from './hive.ts';
import {
  binaryValue,
  readBinary,
  readText,
  readTexts,
  textsValue,
  textValue,
} from './registry-value.ts';

/** The value of an element. Its kind is not free: the second digit of the element's id says it. */
export type BcdValue =
  | { readonly kind: 'device'; readonly device: BcdDevice }
  | { readonly kind: 'string'; readonly text: string }
  /** The GUID of one object. */
  | { readonly kind: 'object'; readonly object: string }
  | { readonly kind: 'objects'; readonly objects: readonly string[] }
  | { readonly kind: 'integer'; readonly integer: bigint }
  | { readonly kind: 'boolean'; readonly on: boolean }
  | { readonly kind: 'integers'; readonly integers: readonly bigint[] }
  /** An element of a format that has no documentation: kept as it is. */
  | { readonly kind: 'unknown'; readonly type: number; readonly data: Uint8Array };

const kinds = [
  undefined,
  'device',
  'string',
  'object',
  'objects',
  'integer',
  'boolean',
  'integers',
] as const;
const INTEGER_BYTES = 8;
/** The name of the one value that an element's key has. */
export const ELEMENT = 'Element';

/** The kind of value that an element has by its id. */
export function kindOf(id: number): BcdValue['kind'] {
  return kinds[(id >>> 24) & 0xf] ?? 'unknown';
}

/** Reads the registry value of an element. @throws {BcdError} `hive.value`, `bcd.element`, `bcd.guid` */
export function parseElement(id: number, value: HiveValue): BcdValue {
  const kind = kindOf(id);
  switch (kind) {
    case 'device':
      return { kind, device: parseDevice(readBinary(value)) };
    case 'string':
      return { kind, text: readText(value) };
    case 'object':
      return { kind, object: guidOf(readText(value)) };
    case 'objects':
      return { kind, objects: readTexts(value).map(guidOf) };
    case 'integer': {
      const [integer, ...more] = readIntegers(readBinary(value));
      if (integer === undefined || more.length > 0) throw unfit(id, value);
      return { kind, integer };
    }
    case 'boolean': {
      const [byte, ...more] = readBinary(value);
      if (byte === undefined || more.length > 0) throw unfit(id, value);
      return { kind, on: byte !== 0 };
    }
    case 'integers':
      return { kind, integers: readIntegers(readBinary(value)) };
    case 'unknown':
      return { kind, type: value.type, data: value.data };
  }
}

/** The registry value of an element. @throws {BcdError} `bcd.element` when the id is of another kind, `bcd.guid` */
export function formatElement(id: number, value: BcdValue): HiveValue {
  if (value.kind !== kindOf(id))
    throw new BcdError(
      'bcd.element',
      `The element ${elementId(id)} is of the kind ${kindOf(id)}, the value of the kind ${value.kind}`,
    );
  switch (value.kind) {
    case 'device':
      return binaryValue(ELEMENT, formatDevice(value.device));
    case 'string':
      return textValue(ELEMENT, value.text);
    case 'object':
      return textValue(ELEMENT, braced(value.object));
    case 'objects':
      return textsValue(ELEMENT, value.objects.map(braced));
    case 'integer':
      return binaryValue(ELEMENT, integerBytes([value.integer]));
    case 'boolean':
      return binaryValue(ELEMENT, Uint8Array.of(value.on ? 1 : 0));
    case 'integers':
      return binaryValue(ELEMENT, integerBytes(value.integers));
    case 'unknown':
      return { name: ELEMENT, type: value.type, data: value.data };
  }
}

/** An element's id as its key in the store is named. */
export function elementId(id: number): string {
  return id.toString(16).padStart(8, '0');
}

/** A GUID as keys and values of the store have it. @throws {BcdError} `bcd.guid` */
export function braced(guid: string): string {
  return `{${guidOf(guid)}}`;
}

function readIntegers(bytes: Uint8Array): bigint[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length % INTEGER_BYTES !== 0)
    throw new BcdError(
      'bcd.element',
      `Integers of a boot configuration have ${INTEGER_BYTES} bytes, there are ${bytes.length}`,
    );
  return Array.from({ length: bytes.length / INTEGER_BYTES }, (_, index) =>
    view.getBigUint64(index * INTEGER_BYTES, true),
  );
}

function integerBytes(integers: readonly bigint[]): Uint8Array {
  const bytes = new Uint8Array(integers.length * INTEGER_BYTES);
  const view = new DataView(bytes.buffer);
  for (const [index, integer] of integers.entries())
    view.setBigUint64(index * INTEGER_BYTES, integer, true);
  return bytes;
}

function unfit(id: number, value: HiveValue): BcdError {
  return new BcdError(
    'bcd.element',
    `The element ${elementId(id)} has ${value.data.length} bytes, which is no ${kindOf(id)}`,
  );
}
