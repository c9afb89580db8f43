import {
  Composer,
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  Lexer,
  Parser,
  type YAMLMap,
} from 'yaml';
import { MAX_NESTING, tooDeep } from './bounds.ts';
import { TextFault } from './text-fault.ts';

/** YAML 1.2 whatever a directive says: no merge keys, no binary data and times. */
const options = {
  version: '1.2',
  schema: 'core',
  merge: false,
  resolveKnownTags: false,
  prettyErrors: false,
  // Looked for below: the library compares each key with all before it.
  uniqueKeys: false,
} as const;

/** Aliases of a text, and what one of them may unfold to. */
const MAX_ALIASES = 1000;
const MAX_UNFOLDING = 50;

/** A document of YAML: its value, and where each part of it stands. */
export interface YamlText {
  readonly value: unknown;
  /** Offset of the value at a place, or of the nearest around it. */
  readonly offsetOf: (keys: readonly (string | number)[]) => number | undefined;
}

/** Reads one document of YAML 1.2. @throws {TextFault} */
export function readYaml(text: string): YamlText {
  const document = parseYaml(text);
  return {
    value: valueOf(text, document),
    offsetOf: (keys) => {
      for (let length = keys.length; length > 0; length -= 1) {
        const node = document.getIn(keys.slice(0, length), true);
        if (isMap(node) || isSeq(node) || isScalar(node) || isAlias(node))
          if (node.range) return node.range[0];
      }
      return undefined;
    },
  };
}

/**
 * The document as the library composes it, which goes as deep as the text does: the depth is bounded before.
 * @param keepsSource whether each node has its token
 * @throws {TextFault}
 */
export function parseYaml(text: string, keepsSource = false): Document.Parsed {
  const document = composed(text, keepsSource);
  assertPlain(text, document);
  return document;
}

function composed(text: string, keepSourceTokens: boolean): Document.Parsed {
  const parser = new Parser();
  const composer = new Composer({ ...options, keepSourceTokens });
  let found: Document.Parsed | undefined;
  const take = (documents: Iterable<Document.Parsed>): void => {
    for (const document of documents) {
      if (found !== undefined)
        throw new TextFault(text, document.range[0], 'The text has a second document');
      found = document;
      assertSound(text, document);
    }
  };
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) {
      if (token.type === 'error') throw new TextFault(text, token.offset, token.message);
      take(composer.next(token));
    }
    if (parser.stack.length > MAX_NESTING) throw tooDeep(text, parser.offset);
  }
  for (const token of parser.end()) take(composer.next(token));
  take(composer.end(true, text.length));
  if (found === undefined) throw new TextFault(text, 0, 'There is no document');
  return found;
}

function assertSound(text: string, { errors, warnings }: Document.Parsed): void {
  const unknownTag = warnings.find(({ code }) => code === 'TAG_RESOLVE_FAILED');
  const [fault = unknownTag] = errors;
  if (fault !== undefined) throw new TextFault(text, fault.pos[0], fault.message);
}

/** @throws {TextFault} a key is there twice or is no text, or there are too many aliases */
function assertPlain(text: string, document: Document.Parsed): void {
  let aliases = 0;
  const walk = (node: unknown): void => {
    if (isAlias(node) && ++aliases > MAX_ALIASES)
      throw new TextFault(text, node.range?.[0] ?? 0, `There are more than ${MAX_ALIASES} aliases`);
    if (isMap(node)) assertUniqueKeys(text, node);
    if (isMap(node) || isSeq(node))
      for (const item of node.items) walk(isPair(item) ? item.value : item);
  };
  walk(document.contents);
}

function assertUniqueKeys(text: string, { items }: YAMLMap): void {
  const names = new Set<string>();
  for (const { key } of items) {
    if (!isScalar(key)) {
      const offset = isMap(key) || isSeq(key) || isAlias(key) ? key.range?.[0] : 0;
      throw new TextFault(text, offset ?? 0, 'Map keys must be texts');
    }
    const name = textOfKey(key.value);
    if (names.has(name)) throw new TextFault(text, key.range?.[0] ?? 0, 'Map keys must be unique');
    names.add(name);
  }
}

/** A key that is no text as it is one in the value: numbers and truth values as they read, nothing as nothing. */
export function textOfKey(value: unknown): string {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}

/** What a document says. @throws {TextFault} its aliases unfold without end */
export function valueOf(text: string, document: Document.Parsed): unknown {
  try {
    return document.toJS({ maxAliasCount: MAX_UNFOLDING });
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    throw new TextFault(text, text.search(/[&*]/), `${error.message}: anchors and aliases begin`);
  }
}
