import { type Expression, readExpression } from './expression.ts';
import { parseLike } from './like.ts';
import type { WqlQuery, WqlTest } from './query.ts';
import { readTokens, type TokenReader } from './token-reader.ts';
import { WqlError } from './wql-error.ts';

const DATA_QUERY = 'A condition takes SELECT … FROM class WHERE ….';

/** They have braces, which a data query has not. */
const ASSOCIATIONS = /^\s*(associators|references)\s+of\b/i;

type Leaf = Extract<WqlTest, { property: string }>;

/**
 * Reads a data query of WQL in one pass: SELECT, FROM, WHERE with AND, OR, NOT, comparisons, LIKE and
 * IS NULL. Keywords have no case.
 * @throws {WqlError} `wql.*`, with the position of the fault
 */
export function parseWql(query: string): WqlQuery {
  const [begin = '', other] = ASSOCIATIONS.exec(query) ?? [];
  if (other !== undefined)
    throw unsupported(`a query that begins with ${other}`, begin.search(/\S/));
  const reader = readTokens(query);
  reader.expectWord('select');
  const properties = reader.takeSymbol('*') ? [] : readProperties(reader);
  reader.expectWord('from');
  const className = readName(reader, 'a class');
  const where = reader.takeWord('where') ? readWhere(reader) : undefined;
  for (const word of ['within', 'group', 'having', 'order'])
    if (reader.isWord(word)) throw unsupported(word.toUpperCase(), reader.peek().position);
  if (reader.peek().kind !== 'end')
    throw reader.unexpected(where === undefined ? 'WHERE or the end' : 'AND, OR or the end');
  return { properties, className, where };
}

function readWhere(reader: TokenReader): Expression<Leaf> {
  return readExpression<string, Leaf>(reader, {
    readName: () => readProperty(reader),
    isNull: (property) => ({ kind: 'null', property }),
    compare: (property, { operator, value }) => ({ kind: 'compare', property, operator, value }),
    like: (property, pattern, position) => ({
      kind: 'like',
      property,
      marks: parseLike(pattern, position),
    }),
    other() {
      if (reader.isWord('isa')) throw unsupported('ISA', reader.peek().position);
      return undefined;
    },
    words: { afterNot: 'LIKE', comparison: 'a comparison' },
  });
}

function readProperties(reader: TokenReader): readonly string[] {
  const properties: string[] = [];
  do properties.push(readProperty(reader));
  while (reader.takeSymbol(','));
  return properties;
}

const keywords = new Set(
  'select from where and or not like is isa null true false within group having'.split(' '),
);

function readProperty(reader: TokenReader): string {
  const name = readName(reader, 'a property');
  const token = reader.peek();
  if (token.kind === 'symbol' && '.[('.includes(token.text))
    throw unsupported(token.text === '(' ? 'a function' : 'a part of a property', token.position);
  return name;
}

function readName(reader: TokenReader, what: string): string {
  const token = reader.peek();
  if (token.kind !== 'word' || keywords.has(token.text.toLowerCase()))
    throw reader.unexpected(what);
  reader.skip();
  return token.text;
}

function unsupported(what: string, position: number): WqlError {
  return new WqlError('wql.unsupported', position, `${what} is not supported`, DATA_QUERY);
}
