import type { WqlLiteral, WqlOperator } from '#agent/sequence/wql/query.ts';
import { WqlError } from '#agent/sequence/wql/wql-error.ts';
import type { QueryField } from './field.ts';
import type { QueryLiteral } from './query.ts';

const NUMBER = /^\s*(?:0x[0-9a-f]+|[+-]?\d+(?:\.\d+)?)\s*$/i;
/** A day, or a time of it; without an offset it is UTC. */
const ISO = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?)(Z|[+-]\d\d:\d\d)?)?$/i;
/** CIM_DATETIME: the offset is in minutes. */
const CIM = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)\.\d{6}([+-]\d{3}|\*{3})$/;
const AGO = /^(\d{1,6}) (minute|hour|day|week)s? ago$/i;
const unitMs: Readonly<Record<string, number>> = {
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
  week: 604_800_000,
};

/**
 * What a field is to be compared with, by its type as in WMI: text that is a number is one for a number.
 * @throws {WqlError} `query.type`
 */
export function toLiteral(
  field: QueryField,
  value: WqlLiteral,
  { position, operator }: { readonly position: number; readonly operator: WqlOperator },
): QueryLiteral {
  const refuse = (hint: string) =>
    new WqlError(
      'query.type',
      position,
      `${field.name} cannot be compared with ${JSON.stringify(value)}`,
      hint,
    );
  switch (field.type) {
    case 'text':
      return { kind: 'value', value };
    case 'number':
      if (typeof value === 'string' && !NUMBER.test(value))
        throw refuse(`${field.name} is a number.`);
      return { kind: 'value', value: Number(value) };
    case 'boolean': {
      const truth = toBoolean(value);
      if (truth === undefined) throw refuse(`${field.name} is true or false.`);
      if (operator !== '=' && operator !== '!=')
        throw refuse('True and false are compared by = or !=.');
      return { kind: 'value', value: truth };
    }
    case 'date': {
      const time = typeof value === 'string' ? toTime(value.trim()) : undefined;
      if (time === undefined)
        throw refuse(
          `${field.name} is a time: write "2026-11-30", "2026-11-30T08:00+01:00" or "30 days ago".`,
        );
      return time;
    }
  }
}

function toBoolean(value: WqlLiteral): boolean | undefined {
  if (typeof value !== 'string') return value !== 0 && value !== false;
  const text = value.trim().toLowerCase();
  if (text === 'true' || text === 'false') return text === 'true';
  return NUMBER.test(text) ? Number(text) !== 0 : undefined;
}

function toTime(text: string): QueryLiteral | undefined {
  const [, count, unit = ''] = AGO.exec(text) ?? [];
  if (count !== undefined)
    return { kind: 'ago', byMs: Number(count) * (unitMs[unit.toLowerCase()] ?? 0) };
  const atMs = isoTime(text) ?? cimTime(text);
  return atMs === undefined || Number.isNaN(atMs) ? undefined : { kind: 'time', atMs };
}

function isoTime(text: string): number | undefined {
  const [, day, time = '00:00', offset = 'Z'] = ISO.exec(text) ?? [];
  return day === undefined ? undefined : Date.parse(`${day}T${time}${offset.toUpperCase()}`);
}

function cimTime(text: string): number | undefined {
  const [, year, month, day, hour, minute, second, offset = ''] = CIM.exec(text) ?? [];
  if (year === undefined) return undefined;
  const local = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return local - (Number(offset) || 0) * 60_000;
}
