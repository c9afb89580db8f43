import type { WqlLiteral, WqlOperator } from './query.ts';
import type { TokenReader } from './token-reader.ts';
import { WqlError } from './wql-error.ts';

/** Parentheses and NOTs within each other. */
const MAX_DEPTH = 64;

/** Tests of a language, put together by AND, OR and NOT. */
export type Expression<Test> =
  | Test
  | { readonly kind: 'and' | 'or'; readonly tests: readonly Expression<Test>[] }
  | { readonly kind: 'not'; readonly test: Expression<Test> };

/** A value that a name is compared with, and where it stands. */
export interface Compared {
  readonly operator: WqlOperator;
  readonly value: WqlLiteral;
  readonly position: number;
}

/** What a language that is read by `readExpression` has of its own: names, and what it makes of tests. */
export interface Grammar<Name, Test> {
  readonly readName: () => Name;
  readonly isNull: (name: Name) => Test;
  readonly compare: (name: Name, told: Compared) => Test;
  /** @param pattern without its quotation marks */
  readonly like: (name: Name, pattern: string, position: number) => Test;
  /** Tests beside comparisons, LIKE and IS NULL; undefined where none begins here. */
  readonly other?: (name: Name) => Expression<Test> | undefined;
  /** What may stand behind `name NOT`, and which comparisons there are, for messages. */
  readonly words: { readonly afterNot: string; readonly comparison: string };
}

/**
 * Reads what stands behind WHERE, in one pass: AND, OR, NOT and parentheses, comparisons of a name with a value
 * on either side, LIKE, IS NULL, and what the grammar adds. Keywords have no case.
 *
 * @throws {WqlError} `wql.syntax`, `wql.too-deep`, and what the grammar throws
 */
export function readExpression<Name, Test>(
  reader: TokenReader,
  grammar: Grammar<Name, Test>,
): Expression<Test> {
  let depth = 0;

  function readOr(): Expression<Test> {
    return readList('or', () => readList('and', readNot));
  }

  function readList(kind: 'and' | 'or', readOne: () => Expression<Test>): Expression<Test> {
    const first = readOne();
    if (!reader.isWord(kind)) return first;
    const tests = [first];
    while (reader.takeWord(kind)) tests.push(readOne());
    return { kind, tests };
  }

  function readNot(): Expression<Test> {
    const { position } = reader.peek();
    const isNot = reader.takeWord('not');
    if (!isNot && !reader.takeSymbol('(')) return readTest();
    if (++depth > MAX_DEPTH)
      throw new WqlError('wql.too-deep', position, `it nests deeper than ${MAX_DEPTH}`);
    const test = isNot ? readNot() : readOr();
    if (!isNot && !reader.takeSymbol(')')) throw reader.unexpected('AND, OR or )');
    depth--;
    return isNot ? { kind: 'not', test } : test;
  }

  function readTest(): Expression<Test> {
    const { position } = reader.peek();
    const left = takeLiteral(reader);
    if (left !== undefined) {
      const operator = mirrored[readOperator(reader, grammar.words.comparison)];
      return compared(grammar.readName(), { operator, value: left, position });
    }
    const name = grammar.readName();
    if (reader.takeWord('is')) {
      const isNot = reader.takeWord('not');
      reader.expectWord('null');
      return negatedIf(isNot, grammar.isNull(name));
    }
    const isNot = reader.takeWord('not');
    if (reader.takeWord('like')) return negatedIf(isNot, readLike(name));
    const other = grammar.other?.(name);
    if (other !== undefined) return negatedIf(isNot, other);
    if (isNot) throw reader.unexpected(grammar.words.afterNot);
    const operator = readOperator(reader, grammar.words.comparison);
    const at = reader.peek().position;
    const value = takeLiteral(reader);
    if (value === undefined) throw reader.unexpected('a value');
    return compared(name, { operator, value, position: at });
  }

  function readLike(name: Name): Test {
    const token = reader.peek();
    if (token.kind !== 'text') throw reader.unexpected('a pattern in quotation marks');
    const test = grammar.like(name, token.text, token.position);
    reader.skip();
    return test;
  }

  function compared(
    name: Name,
    told: Omit<Compared, 'value'> & { readonly value: WqlLiteral | null },
  ): Expression<Test> {
    const { operator, value, position } = told;
    if (value !== null) return grammar.compare(name, { operator, value, position });
    if (operator !== '=' && operator !== '!=') throw reader.unexpected('= or != with NULL');
    return negatedIf(operator === '!=', grammar.isNull(name));
  }

  return readOr();
}

function negatedIf<Test>(isNot: boolean, test: Expression<Test>): Expression<Test> {
  return isNot ? { kind: 'not', test } : test;
}

const mirrored: Record<WqlOperator, WqlOperator> = {
  '=': '=',
  '!=': '!=',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
};

const operators: Readonly<Record<string, WqlOperator>> = {
  '=': '=',
  '!=': '!=',
  '<>': '!=',
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
};

function readOperator(reader: TokenReader, wanted: string): WqlOperator {
  const token = reader.peek();
  const operator = token.kind === 'symbol' ? operators[token.text] : undefined;
  if (operator === undefined) throw reader.unexpected(wanted);
  reader.skip();
  return operator;
}

const constants = new Map<string, boolean | null>([
  ['true', true],
  ['false', false],
  ['null', null],
]);

/** A value, null for NULL, undefined where there is none; then nothing is taken. */
export function takeLiteral(reader: TokenReader): WqlLiteral | null | undefined {
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
