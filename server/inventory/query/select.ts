import { closest } from '#agent/sequence/closest.ts';
import type { TokenReader } from '#agent/sequence/wql/token-reader.ts';
import { WqlError } from '#agent/sequence/wql/wql-error.ts';
import type { ResolveName } from './query.ts';
import { findClass, wqlClasses } from './wql-classes.ts';

/** The beginning of a WQL query of Configuration Manager, up to its WHERE. */
interface Select {
  readonly hasWhere: boolean;
  readonly resolve: ResolveName;
}

/**
 * Reads `select … from SMS_R_System [as alias] [inner join SMS_G_System_… on … = …] [where`. What is
 * selected does not matter: members are devices. Joins have no effect, since each class of a device is
 * here part of it.
 *
 * @throws {WqlError} `wql.syntax`, `wql.unsupported`, `query.unknown-class`, `query.unknown-property`
 */
export function readSelect(reader: TokenReader): Select {
  reader.expectWord('select');
  reader.takeWord('distinct');
  if (!reader.takeSymbol('*'))
    do readParts(reader);
    while (reader.takeSymbol(','));
  reader.expectWord('from');
  const names = new Map<string, string>();
  const main = readClass(reader, names);
  for (;;) {
    const hasKind = ['inner', 'left', 'outer', 'right', 'full'].find((kind) => reader.isWord(kind));
    if (hasKind !== undefined && hasKind !== 'inner')
      throw new WqlError(
        'wql.unsupported',
        reader.peek().position,
        `${hasKind.toUpperCase()} JOIN is not supported`,
        'A device without something has NULL there: ask with IS NULL.',
      );
    if (hasKind !== undefined) reader.skip();
    if (hasKind === undefined && !reader.isWord('join')) break;
    reader.expectWord('join');
    readClass(reader, names);
    reader.expectWord('on');
    readParts(reader);
    reader.expectSymbol('=');
    readParts(reader);
  }
  const hasWhere = reader.takeWord('where');
  if (!hasWhere && reader.peek().kind !== 'end') throw reader.unexpected('JOIN, WHERE or the end');
  return {
    hasWhere,
    resolve: (parts, position) => resolveProperty(parts, position, { names, main }),
  };
}

/** A class with its alias; both name it from then on. */
function readClass(reader: TokenReader, names: Map<string, string>): string {
  const { position } = reader.peek();
  const name = readWord(reader, 'a class');
  const known = findClass(name);
  if (known === undefined) {
    const near = closest(
      name,
      wqlClasses.map((each) => each.name),
    );
    throw new WqlError(
      'query.unknown-class',
      position,
      `the class ${name} is none of those that are known here`,
      near.length > 0
        ? `Did you mean ${near.join(' or ')}?`
        : `Known are ${wqlClasses.map((each) => each.name).join(', ')}.`,
    );
  }
  names.set(known.name.toLowerCase(), known.name);
  const hasAs = reader.takeWord('as');
  const isAlias =
    reader.peek().kind === 'word' &&
    !['inner', 'left', 'right', 'full', 'outer', 'join', 'on', 'where'].some((word) =>
      reader.isWord(word),
    );
  if (hasAs || isAlias) names.set(readWord(reader, 'an alias').toLowerCase(), known.name);
  return known.name;
}

function resolveProperty(
  parts: readonly string[],
  position: number,
  { names, main }: { readonly names: ReadonlyMap<string, string>; readonly main: string },
) {
  const property = parts.at(-1) ?? '';
  const prefix = parts.length === 1 ? main : parts.slice(0, -1).join('.');
  const wqlClass = findClass(names.get(prefix.toLowerCase()) ?? (parts.length === 1 ? main : ''));
  if (wqlClass === undefined)
    throw new WqlError(
      'query.unknown-class',
      position,
      `${prefix} is no class or alias of this query`,
      `It has ${[...names.keys()].join(', ')}.`,
    );
  const found = wqlClass.properties.get(property.toLowerCase());
  if (found !== undefined) return found.field;
  const known = [...wqlClass.properties.values()].map((each) => each.property);
  const near = closest(property, known);
  throw new WqlError(
    'query.unknown-property',
    position,
    `${wqlClass.name}.${property} is not known here`,
    near.length > 0 ? `Did you mean ${near.join(' or ')}?` : `Known are ${known.join(', ')}.`,
  );
}

/** A name with its dots. */
function readParts(reader: TokenReader): void {
  do readWord(reader, 'a property');
  while (reader.takeSymbol('.'));
}

function readWord(reader: TokenReader, what: string): string {
  const token = reader.peek();
  if (token.kind !== 'word') throw reader.unexpected(what);
  reader.skip();
  return token.text;
}
