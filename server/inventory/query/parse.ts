import { closest } from '#agent/sequence/closest.ts';
import { parseLike } from '#agent/sequence/wql/like.ts';
import type { WqlLiteral, WqlOperator } from '#agent/sequence/wql/query.ts';
import { WqlError } from '#agent/sequence/wql/wql-error.ts';
import { InventoryError } from '../error.ts';
import type { QueryField } from './field.ts';
import { findField, queryFields, VARIABLE_PREFIX, variableField } from './fields.ts';
import { toLiteral } from './literal.ts';
import { type Query, type QueryTest, type ResolveName, toQuery } from './query.ts';
import { readSelect } from './select.ts';
import { readTokens, type TokenReader } from './token-reader.ts';

/** Parentheses and NOTs within each other. */
const MAX_DEPTH = 64;

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
    const state = { reader, depth: 0, resolve: select?.resolve ?? resolveField };
    const test = readOr(state);
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

interface Parser {
  readonly reader: TokenReader;
  readonly resolve: ResolveName;
  depth: number;
}

function readOr(parser: Parser): QueryTest {
  return readList(parser, 'or', () => readList(parser, 'and', () => readNot(parser)));
}

function readList({ reader }: Parser, kind: 'and' | 'or', readOne: () => QueryTest): QueryTest {
  const first = readOne();
  if (!reader.isWord(kind)) return first;
  const tests = [first];
  while (reader.takeWord(kind)) tests.push(readOne());
  return { kind, tests };
}

function readNot(parser: Parser): QueryTest {
  const { reader } = parser;
  const { position } = reader.peek();
  const isNot = reader.takeWord('not');
  if (!isNot && !reader.takeSymbol('(')) return readTest(parser);
  if (++parser.depth > MAX_DEPTH)
    throw new WqlError('wql.too-deep', position, `it nests deeper than ${MAX_DEPTH}`);
  const test = isNot ? readNot(parser) : readOr(parser);
  if (!isNot && !reader.takeSymbol(')')) throw reader.unexpected('AND, OR or )');
  parser.depth--;
  return isNot ? { kind: 'not', test } : test;
}

function readTest(parser: Parser): QueryTest {
  const { reader } = parser;
  const { position } = reader.peek();
  const left = takeLiteral(reader);
  if (left !== undefined) {
    const operator = readOperator(reader);
    return compared(parser, readName(parser), {
      operator: mirrored[operator],
      value: left,
      position,
    });
  }
  const field = readName(parser);
  if (reader.takeWord('is')) {
    const isNot = reader.takeWord('not');
    reader.expectWord('null');
    return negatedIf(isNot, { kind: 'null', field });
  }
  const isNot = reader.takeWord('not');
  if (reader.takeWord('like')) return negatedIf(isNot, readLike(reader, field));
  if (reader.takeWord('in')) return negatedIf(isNot, readIn(parser, field));
  if (isNot) throw reader.unexpected('LIKE or IN');
  const operator = readOperator(reader);
  const at = reader.peek().position;
  const value = takeLiteral(reader);
  if (value === undefined) throw reader.unexpected('a value');
  return compared(parser, field, { operator, value, position: at });
}

function readLike(reader: TokenReader, field: QueryField): QueryTest {
  const token = reader.peek();
  if (token.kind !== 'text') throw reader.unexpected('a pattern in quotation marks');
  if (field.type === 'date')
    throw new WqlError('query.type', token.position, `${field.name} is a time and has no LIKE`);
  parseLike(token.text, token.position);
  reader.skip();
  return { kind: 'like', field, pattern: token.text };
}

function readIn(parser: Parser, field: QueryField): QueryTest {
  const { reader } = parser;
  reader.expectSymbol('(');
  if (reader.isWord('select'))
    throw new WqlError(
      'wql.unsupported',
      reader.peek().position,
      'a query within a query is not supported',
      'Make it a collection of its own, and include or exclude that one by a rule.',
    );
  const tests: QueryTest[] = [];
  do {
    const { position } = reader.peek();
    const value = takeLiteral(reader);
    if (value === undefined) throw reader.unexpected('a value');
    tests.push(compared(parser, field, { operator: '=', value, position }));
  } while (reader.takeSymbol(','));
  if (!reader.takeSymbol(')')) throw reader.unexpected(', or )');
  return { kind: 'or', tests };
}

const mirrored: Record<WqlOperator, WqlOperator> = {
  '=': '=',
  '!=': '!=',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
};

function compared(
  { reader }: Parser,
  field: QueryField,
  told: {
    readonly operator: WqlOperator;
    readonly value: WqlLiteral | null;
    readonly position: number;
  },
): QueryTest {
  const { operator, value } = told;
  if (value !== null)
    return { kind: 'compare', field, operator, literal: toLiteral(field, value, told) };
  if (operator !== '=' && operator !== '!=') throw reader.unexpected('= or != with NULL');
  return negatedIf(operator === '!=', { kind: 'null', field });
}

function negatedIf(isNot: boolean, test: QueryTest): QueryTest {
  return isNot ? { kind: 'not', test } : test;
}

const operators: Readonly<Record<string, WqlOperator>> = {
  '=': '=',
  '!=': '!=',
  '<>': '!=',
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
};

function readOperator(reader: TokenReader): WqlOperator {
  const token = reader.peek();
  const operator = token.kind === 'symbol' ? operators[token.text] : undefined;
  if (operator === undefined)
    throw reader.unexpected('a comparison (=, !=, <, <=, >, >=, LIKE, IN, IS NULL)');
  reader.skip();
  return operator;
}

/** A value, null for NULL, undefined where there is none. */
function takeLiteral(reader: TokenReader): WqlLiteral | null | undefined {
  const token = reader.peek();
  const value =
    token.kind === 'number'
      ? token.value
      : token.kind === 'text'
        ? token.text
        : token.kind === 'word'
          ? constants.get(token.text.toLowerCase())
          : undefined;
  if (value !== undefined) reader.skip();
  return value;
}
const constants = new Map<string, boolean | null>([
  ['true', true],
  ['false', false],
  ['null', null],
]);

const keywords = new Set('select from where and or not like is in null true false'.split(' '));

function readName({ reader, resolve }: Parser): QueryField {
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
