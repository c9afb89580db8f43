import { readXml, type XmlBudget, type XmlElement } from '#media/xml/read-xml.ts';
import { asImportError } from './as-import-error.ts';

export { childOf, childrenOf, type XmlBudget, type XmlElement } from '#media/xml/read-xml.ts';

/**
 * Reads an XML text of any kind into a tree, in bounds.
 * @throws {ImportError} `import.xml*`, with line and column
 */
export function parseXml(text: string, from: string, budget?: XmlBudget): XmlElement {
  return asImportError(from, () => readXml(text, budget).root);
}
