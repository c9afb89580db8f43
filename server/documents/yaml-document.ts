import { type CreateNodeOptions, Document, isScalar, visit } from 'yaml';
import { styleOfText } from './scalar-style.ts';

/** As git and people like it: no line is folded, so that a change of one word is a change of one line. */
export const stringifyOptions = {
  lineWidth: 0,
  flowCollectionPadding: false,
  blockQuote: 'literal',
  doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER,
} as const;
/** `yes` and `012` are quoted: readers of YAML 1.1 take them for a truth value and a number. */
const documentOptions = {
  aliasDuplicateObjects: false,
  compat: 'yaml-1.1',
} as const satisfies CreateNodeOptions & { compat: 'yaml-1.1' };

/** Lists of numbers up to this length stand in one line. */
const MAX_FLOW = 12;

/** A value as a document of the YAML library, with the style of each part. */
export function createDocument(value: unknown): Document {
  const made = new Document(value, documentOptions);
  visit(made, {
    Scalar(_key, node) {
      if (typeof node.value !== 'string') return;
      const style = styleOfText(node.value);
      if (style !== undefined) node.type = style;
    },
    Seq(_key, node) {
      const isShort = node.items.length <= MAX_FLOW;
      if (isShort && node.items.every((item) => isScalar(item) && typeof item.value === 'number'))
        node.flow = true;
    },
  });
  return made;
}
