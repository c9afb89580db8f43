import type { SourceCondition } from '../source-sequence.ts';
import { childrenOf, type XmlElement } from './xml.ts';

/** Reads the operands of a condition or of an operator, in their order; they are joined by *and*. */
export function readOperands(element: XmlElement): readonly SourceCondition[] {
  return element.children.map(readOperand);
}

function readOperand(element: XmlElement): SourceCondition {
  const { name, attributes, xml } = element;
  const type = attributes['type'] ?? '';
  switch (name) {
    case 'operator':
      return { kind: 'operator', word: type, operands: readOperands(element) };
    case 'expression':
      return { kind: 'expression', type, fields: readFields(element), xml };
    case 'osConditionGroup':
      return readPlatforms(element);
    case 'osExpressionGroup':
      return { kind: 'platforms', platforms: [readPlatform(element)], xml };
    default:
      return { kind: 'unknown', xml };
  }
}

/** The fields of an expression; of two with one name the last counts. */
function readFields(element: XmlElement): Readonly<Record<string, string>> {
  return Object.fromEntries(
    childrenOf(element, 'variable').map(({ attributes, text }) => [attributes['name'] ?? '', text]),
  );
}

/** Any of its platforms: the console writes no other word. */
function readPlatforms(element: XmlElement): SourceCondition {
  const { xml, children, attributes } = element;
  const groups = childrenOf(element, 'osExpressionGroup');
  const word = attributes['type'] ?? 'or';
  if (groups.length === 0 || groups.length !== children.length) return { kind: 'unknown', xml };
  return word.toLowerCase() === 'or'
    ? { kind: 'platforms', platforms: groups.map(readPlatform), xml }
    : { kind: 'operator', word, operands: children.map(readOperand) };
}

function readPlatform(element: XmlElement) {
  const isKey = ({ name }: XmlElement): boolean => name === 'platformKey';
  const operands = element.children.filter((child) => !isKey(child)).map(readOperand);
  const word = element.attributes['type'] ?? 'and';
  return {
    name: element.attributes['name'] ?? '',
    key: element.children.find(isKey)?.attributes ?? {},
    operands:
      word.toLowerCase() === 'and' || operands.length === 0
        ? operands
        : [{ kind: 'operator' as const, word, operands }],
  };
}
