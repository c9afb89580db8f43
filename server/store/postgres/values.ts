/**
 * How values cross between the store and PostgreSQL, so that each operation gets what it gets of SQLite:
 * whole numbers as numbers, text as it was given, nothing else.
 */
import type { CustomTypesConfig } from 'pg';

/** pg_type.oid of what queries answer: int8, int2, int4, numeric (a sum of int8), text. */
const numbers: ReadonlySet<number> = new Set([20, 21, 23, 1700]);
const TEXT = 25;
const BYTES = 17;
const TRUTH = 16;

/**
 * PostgreSQL's text cannot hold U+0000, and agents' logs may. It is kept as U+10FFFF and a digit; U+10FFFF
 * itself, which is no character and nobody's, with another one.
 */
const ESCAPE = '\u{10ffff}';

/** A parameter as the driver sends it. @throws {TypeError} for what SQLite could not keep either */
export function formatParameter(value: unknown): unknown {
  if (typeof value === 'string') return escapeText(value);
  // A truth comes of Kysely's own questions only: SQLite keeps none, so no operation gives one.
  if (value === null || ['number', 'bigint', 'boolean'].includes(typeof value)) return value;
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.length);
  throw new TypeError(`PostgreSQL cannot keep a ${typeof value}`);
}

/** Readers of columns by type. */
export const types: CustomTypesConfig = {
  // Everything comes as text; bytes as pg_type.oid 17, in hex behind `\\x`.
  getTypeParser: (oid: number) => {
    if (numbers.has(oid)) return Number;
    if (oid === TEXT) return unescapeText;
    if (oid === BYTES) return (text: string) => Uint8Array.from(Buffer.from(text.slice(2), 'hex'));
    if (oid === TRUTH) return (text: string) => text === 't';
    return (text: string) => text;
  },
};

/** Text without U+0000. */
function escapeText(text: string): string {
  if (!text.includes('\0') && !text.includes(ESCAPE)) return text;
  return text.replaceAll(ESCAPE, `${ESCAPE}1`).replaceAll('\0', `${ESCAPE}0`);
}

/** The text that `escapeText` was given. */
function unescapeText(text: string): string {
  if (!text.includes(ESCAPE)) return text;
  return text.replaceAll(`${ESCAPE}0`, '\0').replaceAll(`${ESCAPE}1`, ESCAPE);
}
