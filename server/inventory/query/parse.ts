import { closest } from '#agent/sequence/closest.ts';
import {
  type Compared,
  type Expression,
  readExpression,
  takeLiteral,
} from '#agent/sequence/wql/expression.ts';
import { parseLike } from '#agent/sequence/wql/like.ts';
import { readTokens, type TokenReader } from '#agent/sequence/wql/token-reader.ts';
import { WqlError } from '#agent/sequence/wql/wql-error.ts';
import { InventoryError } from '../error.ts';
import type { QueryField } from './field.ts';
import { findField, queryFields, VARIABLE_PREFIX, variableField } from './fields.ts';
import { toLiteral } from './literal.ts';
import { type Query, type QueryTest, type ResolveName, toQuery } from './query.ts';
import { readSelect } from './select.ts';

/**
 * Reads a query over devices: `model like "Latitude%" and not serial in ("A1", "B2")`, or a WQL query of
 * Configuration Manager, `select … from SMS_R_System where …`. Operators and values are those of WQL
 * conditions. Keywords and names have no case.
 *
 * @throws {InventoryError} `wql.*`, `query.field`, `query.type`, `query.unknown-class`,
 *   `query.unknown-property`, with the position of the fault
 */
export function parseQuery(text: string): Query {
  try {
    const reader = readTokens(text);
    const select = reader.isWord('select') ? readSelect(reader) : undefined;
    if (select !== undefined && !select.hasWhere) return toQuery({ kind: 'all' });
    const test = readWhere(reader, select?.resolve ?? resolveField);
    if (reader.peek().kind !== 'end') throw reader.unexpected('AND, OR or the end');
    return toQuery(test);
  } catch (error) {
    if (!(error instanceof WqlError)) throw error;
    throw new InventoryError(
      error.code,
      error.message,
      error.hint === undefined ? {} : { hint: error.hint },
    );
  }
}

type Leaf = Extract<QueryTest, { field: QueryField }>;

function readWhere(reader: TokenReader, resolve: ResolveName): QueryTest {
  return readExpression<QueryField, Leaf>(reader, {
    readName: () => readName(reader, resolve),
    isNull: (field) => ({ kind: 'null', field }),
    compare,
    like(field, pattern, position) {
      if (field.type === 'date')
        throw new WqlError('query.type', position, `${field.name} is a time and has no LIKE`);
      parseLike(pattern, position);
      return { kind: 'like', field, pattern };
    },
    other: (field) => (reader.takeWord('in') ? readIn(reader, field) : undefined),
    words: {
      afterNot: 'LIKE or IN',
      comparison: 'a comparison (=, !=, <, <=, >, >=, LIKE, IN, IS NULL)',
    },
  });
}

function compare(field: QueryField, told: Compared): Leaf {
  const { operator, value } = told;
  return { kind: 'compare', field, operator, literal: toLiteral(field, value, told) };
}

function readIn(reader: TokenReader, field: QueryField): Expression<Leaf> {
  reader.expectSymbol('(');
  if (reader.isWord('select'))
    throw new WqlError(
      'wql.unsupported',
      reader.peek().position,
      'a query within a query is not supported',
      'Make it a collection of its own, and include or exclude that one by a rule.',
    );
  const tests: Leaf[] = [];
  do {
    const { position } = reader.peek();
    const value = takeLiteral(reader);
    if (value === undefined) throw reader.unexpected('a value');
    tests.push(
      value === null ? { kind: 'null', field } : compare(field, { operator: '=', value, position }),
    );
  } while (reader.takeSymbol(','));
  if (!reader.takeSymbol(')')) throw reader.unexpected(', or )');
  return { kind: 'or', tests };
}

const keywords = new Set('select from where and or not like is in null true false'.split(' '));

function readName(reader: TokenReader, resolve: ResolveName): QueryField {
  const { position } = reader.peek();
  const parts: string[] = [];
  do {
    const token = reader.peek();
    if (token.kind !== 'word' || (parts.length === 0 && keywords.has(token.text.toLowerCase())))
      throw reader.unexpected('the name of a field');
    parts.push(token.text);
    reader.skip();
  } while (reader.takeSymbol('.'));
  const next = reader.peek();
  if (next.kind === 'symbol' && next.text === '(')
    throw new WqlError('wql.unsupported', position, 'a function is not supported');
  return resolve(parts, position);
}

/** A field of the readable language. */
function resolveField(parts: readonly string[], position: number): QueryField {
  const [first = '', second] = parts;
  if (first.toLowerCase() === VARIABLE_PREFIX && second !== undefined && parts.length === 2)
    return variableField(second);
  const found = parts.length === 1 ? findField(first) : undefined;
  if (found !== undefined) return found;
  const name = parts.join('.');
  const near = closest(
    name,
    queryFields.flatMap((field) => [field.name, ...field.aliases]),
  );
  throw new WqlError(
    'query.field',
    position,
    `${name} is no field of a device`,
    near.length > 0
      ? `Did you mean ${near.join(' or ')}?`
      : 'metalwright collection fields lists them; a variable of the device is variable.Name.',
  );
}
