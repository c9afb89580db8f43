import type { Device } from './device.ts';
import { InventoryError } from './error.ts';

/** A Windows computer name has at most so many characters (NetBIOS). */
export const LONGEST_NAME = 15;
const MOST_DIGITS = 9;

/** What a pattern may name, and where it comes from. */
const fields = {
  serial: (device: NamedDevice) => device.serialNumber,
  mac: (device: NamedDevice) => device.macAddresses[0]?.replaceAll(':', ''),
  model: (device: NamedDevice) => device.model,
  make: (device: NamedDevice) => device.manufacturer,
  'asset-tag': (device: NamedDevice) => device.assetTag,
  guid: (device: NamedDevice) => device.smbiosGuid,
  port: (device: NamedDevice) => device.seenAt?.port,
  switch: (device: NamedDevice) => device.seenAt?.switchId,
} as const;
type Field = keyof typeof fields;

/** What names are made from. */
export type NamedDevice = Pick<
  Device,
  'serialNumber' | 'macAddresses' | 'model' | 'manufacturer' | 'assetTag' | 'smbiosGuid' | 'seenAt'
>;

type Part =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'counter'; readonly digits: number }
  | {
      readonly kind: 'field';
      readonly field: Field;
      readonly change: readonly ((text: string) => string)[];
    };
export type NamePattern = readonly Part[];

/**
 * Reads `PC-{serial:last7}`: text, and fields in braces with `:firstN`, `:lastN`, `:upper` and `:lower`
 * after them; `{counter:4}` counts, in so many digits.
 * @throws {InventoryError} `naming.pattern`
 */
export function parsePattern(pattern: string): NamePattern {
  const parts: Part[] = [];
  let fixed = 0;
  for (const [piece, inner] of pattern.matchAll(/\{([^{}]*)\}|[{}]|[^{}]+/g)) {
    const part = inner === undefined ? textPart(pattern, piece) : fieldPart(pattern, inner);
    fixed += part.kind === 'text' ? part.text.length : part.kind === 'counter' ? part.digits : 0;
    parts.push(part);
  }
  if (parts.every(({ kind }) => kind === 'text'))
    throw bad(pattern, 'has no field: every machine would have the same name');
  if (parts.filter(({ kind }) => kind === 'counter').length > 1) throw bad(pattern, 'counts twice');
  if (fixed > LONGEST_NAME)
    throw bad(pattern, `is longer than ${LONGEST_NAME} characters without its fields`);
  return parts;
}

function textPart(pattern: string, text: string): Part {
  if (!/^[A-Za-z0-9-]+$/.test(text))
    throw bad(pattern, `has ${JSON.stringify(text)}, and a name has letters, digits and hyphens`);
  return { kind: 'text', text };
}

function fieldPart(pattern: string, inner: string): Part {
  const [name = '', ...words] = inner.split(':').map((word) => word.trim().toLowerCase());
  if (name === 'counter') {
    const [digits = '3', ...rest] = words;
    if (!/^[1-9]$/.test(digits) || rest.length > 0)
      throw bad(pattern, `counts in 1 to ${MOST_DIGITS} digits: {counter:4}`);
    return { kind: 'counter', digits: Number(digits) };
  }
  if (!isField(name))
    throw bad(
      pattern,
      `names {${name}}; there is ${[...Object.keys(fields), 'counter'].join(', ')}`,
    );
  return { kind: 'field', field: name, change: words.map((word) => changeOf(pattern, word)) };
}

function isField(name: string): name is Field {
  return Object.hasOwn(fields, name);
}

function changeOf(pattern: string, word: string): (text: string) => string {
  const [, side, count = ''] = /^(first|last)([1-9]\d?)$/.exec(word) ?? [];
  if (side === 'first') return (text) => text.slice(0, Number(count));
  if (side === 'last') return (text) => text.slice(-Number(count));
  if (word === 'upper') return (text) => text.toUpperCase();
  if (word === 'lower') return (text) => text.toLowerCase();
  throw bad(pattern, `has :${word}; there is :firstN, :lastN, :upper and :lower`);
}

function bad(pattern: string, why: string): InventoryError {
  return new InventoryError('naming.pattern', `The pattern ${JSON.stringify(pattern)} ${why}`, {
    hint: 'PC-{serial:last7}, {model:first4}-{mac:last6:upper}, LAB-{counter:3}',
  });
}

/** The name that a pattern makes, or why it makes none. */
export type MadeName =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'none'; readonly reason: string };

/** Whether a pattern counts: then each name takes a number of its own. */
export function counts(pattern: NamePattern): boolean {
  return pattern.some(({ kind }) => kind === 'counter');
}

/**
 * Makes a name that Windows takes: letters, digits and hyphens, none at its ends, not digits alone, at
 * most 15 of them. What is too long loses from the front of its longest field: the ends of serial numbers
 * differ. @param count the number that `{counter}` stands for
 */
export function makeName(pattern: NamePattern, device: NamedDevice, count: number): MadeName {
  const texts: { text: string; readonly isField: boolean }[] = [];
  for (const part of pattern) {
    if (part.kind === 'text') texts.push({ text: part.text, isField: false });
    else if (part.kind === 'counter') {
      const digits = String(count).padStart(part.digits, '0');
      if (digits.length > part.digits) return none(`it has counted to ${count - 1} already`);
      texts.push({ text: digits, isField: false });
    } else {
      const known = (fields[part.field](device) ?? '').replaceAll(/[^A-Za-z0-9-]+/g, '');
      const text = part.change.reduce((so, change) => change(so), known);
      if (text === '') return none(`the machine has no ${part.field}`);
      texts.push({ text, isField: true });
    }
  }
  for (;;) {
    const over = texts.reduce((sum, { text }) => sum + text.length, 0) - LONGEST_NAME;
    if (over <= 0) break;
    const longest = texts
      .filter(({ isField: cuts }) => cuts)
      .reduce((a, b) => (b.text.length > a.text.length ? b : a));
    longest.text = longest.text.slice(1);
  }
  return asComputerName(texts.map(({ text }) => text).join(''));
}

/** A text as a computer name, or why it is none; hyphens at the ends are taken off. */
function asComputerName(text: string): MadeName {
  const name = text.replaceAll(/^-+|-+$/g, '');
  if (name === '') return none('nothing is left of it');
  if (/^\d+$/.test(name)) return none(`${name} has digits only, which Windows refuses`);
  return { kind: 'name', name };
}

/** What stands in for a name that is taken: `PC-1234567-2` and on, cut to fit. */
export function withSuffix(name: string, number: number): string {
  const suffix = `-${number}`;
  return `${name.slice(0, LONGEST_NAME - suffix.length).replace(/-+$/, '')}${suffix}`;
}

/**
 * What a machine is called that nobody has named: `MW-B07B25000011`, its first MAC address, or where it
 * has none or another device is called so, the beginning of its id. Fifteen characters, as many as a
 * Windows computer name has.
 */
export function automaticName(
  { id, macAddresses }: Pick<Device, 'id' | 'macAddresses'>,
  from: 'mac' | 'id' = 'mac',
): string {
  const hex = (from === 'mac' ? macAddresses[0] : undefined) ?? id;
  return `MW-${hex.replaceAll(/[:-]/g, '').slice(0, 12).toUpperCase()}`;
}

/** Whether a device still has the name that it got because nobody gave it one. */
export function isAutomaticName({
  id,
  name,
  macAddresses,
}: Pick<Device, 'id' | 'name' | 'macAddresses'>): boolean {
  // As versions before this one named machines.
  if (name.startsWith('UNKNOWN-')) return true;
  const own = [...macAddresses.map((mac) => [mac]), []];
  return own.some((macs) => automaticName({ id, macAddresses: macs }) === name.toUpperCase());
}

function none(reason: string): MadeName {
  return { kind: 'none', reason };
}
