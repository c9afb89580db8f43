import type { QueryField, QueryValue } from './field.ts';
import type { QueryTest } from './query.ts';

/** A text, in lower case, that a value is equal to or begins with, at the place of a field in a row. */
interface GateKey {
  readonly place: number;
  readonly kind: 'equals' | 'begins';
  readonly text: string;
}

/** One of these holds for every device that a query fits; few devices need the query itself, then. */
export type Gate = readonly GateKey[];

/** What a test cannot do without; null where no text says it, as for `not` and `<`. */
export function gateOf(test: QueryTest, placeOf: (field: QueryField) => number): Gate | null {
  switch (test.kind) {
    case 'and': {
      const gates = test.tests.flatMap((inner) => {
        const gate = gateOf(inner, placeOf);
        return gate === null ? [] : [gate];
      });
      return gates.toSorted((one, other) => costOf(one) - costOf(other))[0] ?? null;
    }
    case 'or': {
      const gates = test.tests.map((inner) => gateOf(inner, placeOf));
      return gates.every((gate) => gate !== null) ? gates.flat() : null;
    }
    case 'like': {
      const [text = ''] = /^[^%_[]*/.exec(test.pattern.toLowerCase()) ?? [];
      return text === '' ? null : [{ place: placeOf(test.field), kind: 'begins', text }];
    }
    case 'compare': {
      const { literal, operator } = test;
      if (operator !== '=' || literal.kind !== 'value' || typeof literal.value !== 'string')
        return null;
      const text = literal.value.toLowerCase();
      return [{ place: placeOf(test.field), kind: 'equals', text }];
    }
    case 'all':
    case 'null':
    case 'not':
      return null;
  }
}

/** Texts that many devices may begin with open more often than those that they must be. */
function costOf(gate: Gate): number {
  return gate.reduce((sum, { kind }) => sum + (kind === 'equals' ? 1 : 2), 0);
}

/** Which of many things the gates of a row open. */
export interface GateIndex {
  /** Something, by its number, that is worth asking when the gate opens. */
  readonly add: (gate: Gate, number: number) => void;
  /** Sets to 1 the numbers of what the row opens. */
  readonly open: (row: readonly QueryValue[], opened: Uint8Array) => void;
}

const NONE: readonly number[] = [];

interface FieldGates {
  readonly place: number;
  readonly equals: Map<string, number[]>;
  /** By the length of the beginning. */
  readonly begins: Map<number, Map<string, number[]>>;
}

/** An index without any gate yet. */
export function gateIndex(): GateIndex {
  const fields: FieldGates[] = [];
  const fieldAt = (place: number): FieldGates => {
    const known = fields.find((field) => field.place === place);
    if (known !== undefined) return known;
    const field: FieldGates = { place, equals: new Map(), begins: new Map() };
    fields.push(field);
    return field;
  };
  return {
    add(gate, number) {
      for (const { place, kind, text } of gate) {
        const { equals, begins } = fieldAt(place);
        const texts = kind === 'equals' ? equals : (begins.get(text.length) ?? new Map());
        if (kind === 'begins') begins.set(text.length, texts);
        texts.set(text, [...(texts.get(text) ?? []), number]);
      }
    },
    open(row, opened) {
      for (const field of fields) {
        const value = row[field.place] ?? null;
        if (value === null) continue;
        if (typeof value === 'object') for (const one of value) openOne(field, String(one), opened);
        else openOne(field, String(value), opened);
      }
    },
  };
}

function openOne({ equals, begins }: FieldGates, text: string, opened: Uint8Array): void {
  for (const number of equals.get(text) ?? NONE) opened[number] = 1;
  for (const [length, texts] of begins)
    for (const number of texts.get(text.slice(0, length)) ?? NONE) opened[number] = 1;
}
