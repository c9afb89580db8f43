import { Document, isCollection, Scalar, visit } from 'yaml';
import { styleOfText, withEscapes } from '../scalar-style.ts';
import { createDocument, stringifyOptions } from '../yaml-document.ts';

/** How new parts of a text are written: as those around them. */
export interface FreshStyle {
  /** Columns that a level goes in. */
  readonly indent: number;
  /** Whether lists stand deeper than their key. */
  readonly indentSeq: boolean;
  readonly isJson: boolean;
}

/**
 * `key: value` or `- value` in block style, without indentation in its first line and without a line
 * break at its end. The text of `key` is put in as it is.
 */
export function freshItem(key: string | undefined, value: unknown, style: FreshStyle): string {
  const made = createDocument(key === undefined ? [value] : { k: value });
  const { indent, indentSeq } = style;
  // A map in a list stands two columns behind its dash, whatever the indentation.
  const text = withEscapes(made.toString({ ...stringifyOptions, indent, indentSeq })).replace(
    /\n$/,
    '',
  );
  return key === undefined ? text : `${key}${text.slice(1)}`;
}

/** A value in one line, within a flow collection. */
export function freshFlow(value: unknown, { isJson }: Pick<FreshStyle, 'isJson'>): string {
  if (isJson) return withEscapes(JSON.stringify(value));
  const made = createDocument([value]);
  if (isCollection(made.contents)) made.contents.flow = true;
  visit(made, {
    Collection(_key, node) {
      node.flow = true;
    },
    Scalar(_key, node) {
      if (node.type === Scalar.BLOCK_LITERAL) node.type = Scalar.QUOTE_DOUBLE;
    },
  });
  return inBrackets(
    withEscapes(made.toString({ ...stringifyOptions, flowCollectionPadding: true })),
  );
}

/** A key of a flow map. */
export function freshFlowKey(key: string, style: Pick<FreshStyle, 'isJson'>): string {
  return style.isJson ? withEscapes(JSON.stringify(key)) : freshFlow(key, style);
}

/** One scalar in one line, in the style that the one before had, as far as it can be. */
export function freshScalar(
  value: unknown,
  { was, isFlow, isJson }: { was: Scalar['type']; isFlow: boolean; isJson: boolean },
): string {
  if (isJson) return withEscapes(JSON.stringify(value));
  const scalar = new Scalar(value);
  if (typeof value === 'string') {
    const wanted = value.includes('\n') ? Scalar.QUOTE_DOUBLE : styleOfText(value);
    const kept = was === Scalar.QUOTE_SINGLE || was === Scalar.QUOTE_DOUBLE ? was : undefined;
    const style = wanted ?? kept;
    if (style !== undefined) scalar.type = style;
  }
  const made = new Document([scalar], { compat: 'yaml-1.1' });
  if (isFlow && isCollection(made.contents)) made.contents.flow = true;
  const text = withEscapes(made.toString({ ...stringifyOptions, flowCollectionPadding: true }));
  return isFlow ? inBrackets(text) : text.replace(/^- /, '').replace(/\n$/, '');
}

/** `[ a ]` without its brackets; what was too long for a line is in one all the same. */
function inBrackets(text: string): string {
  return text.trim().slice(1, -1).trim();
}
