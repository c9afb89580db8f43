import { parseLike } from './like.ts';
import type { WqlLiteral, WqlOperator, WqlQuery, WqlTest } from './query.ts';
import { tokensOf, type WqlToken } from './tokens.ts';
import { WqlError } from './wql-error.ts';

/** Parentheses and NOTs within each other. */
const MAX_DEPTH = 64;
const DATA_QUERY = 'A condition takes SELECT … FROM class WHERE ….';

/** They have braces, which a data query has not. */
const ASSOCIATIONS = /^\s*(associators|references)\s+of\b/i;

interface Reader {
  readonly tokens: readonly WqlToken[];
  at: number;
  depth: number;
}

/**
 * Reads a data query of WQL in one pass: SELECT, FROM, WHERE with AND, OR, NOT, comparisons, LIKE and
 * IS NULL. Keywords have no case.
 * @throws {WqlError} `wql.*`, with the position of the fault
 */
export function parseWql(query: string): WqlQuery {
  const [begin = '', other] = ASSOCIATIONS.exec(query) ?? [];
  if (other !== undefined)
    throw unsupported(`a query that begins with ${other}`, begin.search(/\S/));
  const reader: Reader = { tokens: tokensOf(query), at: 0, depth: 0 };
  expectWord(reader, 'select');
  const properties = takeSymbol(reader, '*') ? [] : readProperties(reader);
  expectWord(reader, 'from');
  const className = readName(reader, 'a class');
  const where = takeWord(reader, 'where') ? readOr(reader) : undefined;
  for (const word of ['within', 'group', 'having', 'order'])
    if (isWord(reader, word)) throw unsupported(word.toUpperCase(), peek(reader).position);
  if (peek(reader).kind !== 'end')
    throw unexpected(reader, where === undefined ? 'WHERE or the end' : 'AND, OR or the end');
  return { properties, className, where };
}

function readProperties(reader: Reader): readonly string[] {
  const properties: string[] = [];
  do properties.push(readProperty(reader));
  while (takeSymbol(reader, ','));
  return properties;
}

function readOr(reader: Reader): WqlTest {
  return readList(reader, 'or', () => readList(reader, 'and', () => readNot(reader)));
}

function readList(reader: Reader, kind: 'and' | 'or', readOne: () => WqlTest): WqlTest {
  const first = readOne();
  if (!isWord(reader, kind)) return first;
  const tests = [first];
  while (takeWord(reader, kind)) tests.push(readOne());
  return { kind, tests };
}

function readNot(reader: Reader): WqlTest {
  const { position } = peek(reader);
  const isNot = takeWord(reader, 'not');
  if (!isNot && !takeSymbol(reader, '(')) return readTest(reader);
  if (++reader.depth > MAX_DEPTH)
    throw new WqlError('wql.too-deep', position, `it nests deeper than ${MAX_DEPTH}`);
  const test = isNot ? readNot(reader) : readOr(reader);
  if (!isNot && !takeSymbol(reader, ')')) throw unexpected(reader, 'AND, OR or )');
  reader.depth--;
  return isNot ? { kind: 'not', test } : test;
}

function readTest(reader: Reader): WqlTest {
  const left = takeLiteral(reader);
  if (left !== undefined) {
    const operator = readOperator(reader);
    return compared(readProperty(reader), mirrored[operator], left, reader);
  }
  const property = readProperty(reader);
  if (isWord(reader, 'isa')) throw unsupported('ISA', peek(reader).position);
  if (takeWord(reader, 'is')) {
    const isNot = takeWord(reader, 'not');
    expectWord(reader, 'null');
    return negatedIf(isNot, { kind: 'null', property });
  }
  const isNot = takeWord(reader, 'not');
  if (isNot || isWord(reader, 'like')) {
    expectWord(reader, 'like');
    return negatedIf(isNot, { kind: 'like', property, marks: readPattern(reader) });
  }
  const operator = readOperator(reader);
  const value = takeLiteral(reader);
  if (value === undefined) throw unexpected(reader, 'a value');
  return compared(property, operator, value, reader);
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
  property: string,
  operator: WqlOperator,
  value: WqlLiteral | null,
  reader: Reader,
): WqlTest {
  if (value !== null) return { kind: 'compare', property, operator, value };
  if (operator !== '=' && operator !== '!=') throw unexpected(reader, '= or != with NULL');
  return negatedIf(operator === '!=', { kind: 'null', property });
}

function negatedIf(isNot: boolean, test: WqlTest): WqlTest {
  return isNot ? { kind: 'not', test } : test;
}

function readPattern(reader: Reader): ReturnType<typeof parseLike> {
  const token = peek(reader);
  if (token.kind !== 'text') throw unexpected(reader, 'a pattern in quotation marks');
  reader.at++;
  return parseLike(token.text, token.position);
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

function readOperator(reader: Reader): WqlOperator {
  const token = peek(reader);
  const operator = token.kind === 'symbol' ? operators[token.text] : undefined;
  if (operator === undefined) throw unexpected(reader, 'a comparison');
  reader.at++;
  return operator;
}

/** A value, null for NULL, undefined where there is none. */
function takeLiteral(reader: Reader): WqlLiteral | null | undefined {
  const token = peek(reader);
  const value =
    token.kind === 'number'
      ? token.value
      : token.kind === 'text'
        ? token.text
        : token.kind === 'word'
          ? constants.get(token.text.toLowerCase())
          : undefined;
  if (value !== undefined) reader.at++;
  return value;
}
const constants = new Map<string, boolean | null>([
  ['true', true],
  ['false', false],
  ['null', null],
]);

const keywords = new Set(
  'select from where and or not like is isa null true false within group having'.split(' '),
);

function readProperty(reader: Reader): string {
  const name = readName(reader, 'a property');
  const token = peek(reader);
  if (token.kind === 'symbol' && '.[('.includes(token.text))
    throw unsupported(token.text === '(' ? 'a function' : 'a part of a property', token.position);
  return name;
}

function readName(reader: Reader, what: string): string {
  const token = peek(reader);
  if (token.kind !== 'word' || keywords.has(token.text.toLowerCase()))
    throw unexpected(reader, what);
  reader.at++;
  return token.text;
}

function peek(reader: Reader): WqlToken {
  return reader.tokens[reader.at] ?? { kind: 'end', position: 0 };
}
function isWord(reader: Reader, word: string): boolean {
  const token = peek(reader);
  return token.kind === 'word' && token.text.toLowerCase() === word;
}
function takeWord(reader: Reader, word: string): boolean {
  const isThere = isWord(reader, word);
  if (isThere) reader.at++;
  return isThere;
}
function takeSymbol(reader: Reader, symbol: string): boolean {
  const token = peek(reader);
  const isThere = token.kind === 'symbol' && token.text === symbol;
  if (isThere) reader.at++;
  return isThere;
}
function expectWord(reader: Reader, word: string): void {
  if (!takeWord(reader, word)) throw unexpected(reader, word.toUpperCase());
}

function unexpected(reader: Reader, wanted: string): WqlError {
  const token = peek(reader);
  const found =
    token.kind === 'end'
      ? 'it ends'
      : `there is ${JSON.stringify(token.kind === 'number' ? token.value : token.text)}`;
  return new WqlError('wql.syntax', token.position, `${found} where ${wanted} is expected`);
}
function unsupported(what: string, position: number): WqlError {
  return new WqlError('wql.unsupported', position, `${what} is not supported`, DATA_QUERY);
}
