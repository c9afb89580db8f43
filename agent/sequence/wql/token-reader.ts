import { tokensOf, type WqlToken } from './tokens.ts';
import { WqlError } from './wql-error.ts';

/** Reads the tokens of a query one after the other. Words and symbols are given in lower case. */
export interface TokenReader {
  readonly peek: (ahead?: number) => WqlToken;
  readonly skip: () => void;
  readonly isWord: (word: string, ahead?: number) => boolean;
  readonly takeWord: (word: string) => boolean;
  readonly takeSymbol: (symbol: string) => boolean;
  readonly expectWord: (word: string) => void;
  readonly expectSymbol: (symbol: string) => void;
  /** The fault of what comes next, where something else is wanted. */
  readonly unexpected: (wanted: string) => WqlError;
}

/** @throws {WqlError} `wql.too-long`, `wql.character`, `wql.string`; what is expected throws `wql.syntax` */
export function readTokens(text: string): TokenReader {
  const tokens = tokensOf(text);
  let at = 0;
  const peek = (ahead = 0): WqlToken =>
    tokens[at + ahead] ?? { kind: 'end', position: text.length };
  const skip = () => {
    at++;
  };
  const isWord = (word: string, ahead = 0) => {
    const token = peek(ahead);
    return token.kind === 'word' && token.text.toLowerCase() === word;
  };
  const take = (isThere: boolean) => {
    if (isThere) at++;
    return isThere;
  };
  const takeWord = (word: string) => take(isWord(word));
  const takeSymbol = (symbol: string) => {
    const token = peek();
    return take(token.kind === 'symbol' && token.text === symbol);
  };
  const unexpected = (wanted: string) => {
    const token = peek();
    const found =
      token.kind === 'end'
        ? 'it ends'
        : `there is ${JSON.stringify(token.kind === 'number' ? token.value : token.text)}`;
    return new WqlError('wql.syntax', token.position, `${found} where ${wanted} is expected`);
  };
  return {
    peek,
    skip,
    isWord,
    takeWord,
    takeSymbol,
    unexpected,
    expectWord(word) {
      if (!takeWord(word)) throw unexpected(word.toUpperCase());
    },
    expectSymbol(symbol) {
      if (!takeSymbol(symbol)) throw unexpected(symbol);
    },
  };
}
