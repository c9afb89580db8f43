import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { characterOf, positionAt, REFERENCE, scanXml } from './scan-xml.ts';
import { type TextPosition, XmlFault } from './xml-fault.ts';

/** One element of an XML text, and what is in it. Names are as written, prefixes and all. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  /** All text directly in it, CDATA sections as they are; nothing is trimmed. */
  readonly text: string;
  /** Comments that stand before it, in its parent. */
  readonly comments: readonly string[];
  /** Comments in it that no child comes after. */
  readonly lastComments: readonly string[];
  /** As it is written. */
  readonly xml: string;
  readonly line: number;
  readonly column: number;
}

/** A whole text: its one element, and the comments that stand behind it. */
export interface XmlDocument {
  readonly root: XmlElement;
  readonly commentsBehind: readonly string[];
}

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  // They are put in below, each once.
  processEntities: false,
  textNodeName: '#text',
  cdataPropName: '#cdata',
  commentPropName: '#comment',
  ignoreDeclaration: true,
  ignorePiTags: true,
  captureMetaData: true,
  maxNestedTags: 1000,
  onDangerousProperty: (name) => name,
});
const metaKey: unknown = XMLParser.getMetaDataSymbol();

/** How many elements, attributes and comments several texts may have together; what is read is taken off. */
export interface XmlBudget {
  left: number;
}

/**
 * Reads an XML text of any kind into a tree. Bounded before anything is made of it: depth, number of
 * elements and attributes; no document type, no entities but XML's own.
 * @throws {XmlFault} with line and column
 */
export function readXml(text: string, budget?: XmlBudget): XmlDocument {
  const { instructions, parts } = scanXml(text, budget?.left);
  if (budget !== undefined) budget.left -= parts;
  // The parser takes quotation marks in an instruction for those of attributes.
  const plain = withoutInstructions(text, instructions).replaceAll(/\r\n?/g, '\n');
  const valid = XMLValidator.validate(plain);
  if (valid !== true) throw notWellFormed(valid.err, plain);
  const { children, text: beside, lastComments } = content(parsed(plain), sourceOf(plain));
  const [root, second] = children;
  const fail = (at: number, reason: string): never => {
    throw new XmlFault('not-well-formed', reason, { position: positionAt(plain, at) });
  };
  if (root === undefined) return fail(0, 'has no element');
  const end = plain.lastIndexOf(root.xml) + root.xml.length;
  const rest = second?.xml ?? (beside.trim() || textAfter(plain, end));
  if (rest === '') return { root, commentsBehind: lastComments };
  return fail(Math.max(0, plain.lastIndexOf(rest)), `has more than the element ${root.name}`);
}

/** What the parser leaves out: text behind the last element, comments aside. */
function textAfter(text: string, end: number): string {
  const rest = text.slice(end);
  return rest.replaceAll(/<!--[\s\S]*?-->/g, '').trim() === '' ? '' : rest.trimStart();
}

/** The children of that name. */
export function childrenOf(
  element: Pick<XmlElement, 'children'>,
  name: string,
): readonly XmlElement[] {
  return element.children.filter((child) => child.name === name);
}

/** The first child of that name. */
export function childOf(
  element: Pick<XmlElement, 'children'>,
  name: string,
): XmlElement | undefined {
  return element.children.find((child) => child.name === name);
}

function notWellFormed(
  { msg, line, col }: { readonly msg: string; readonly line: number; readonly col: number },
  text: string,
): XmlFault {
  // It lists them all, and gives the first line for their place.
  const isOpen = msg.startsWith("Invalid '[");
  const reason = isOpen ? 'it ends before its elements are closed' : firstLine(msg);
  const position = isOpen ? positionAt(text, text.length) : { line: line ?? 1, column: col ?? 1 };
  return new XmlFault('not-well-formed', `is not well-formed: ${reason}`, { position });
}

/** Names that the parser does not take, as they mean something to JavaScript. */
const RESERVED = /<(?:constructor|prototype|__proto__)(?=[\s/>])/;

function parsed(text: string): unknown {
  try {
    return parser.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? firstLine(cause.message) : String(cause);
    const position = positionAt(text, Math.max(0, text.search(RESERVED)));
    throw new XmlFault('not-well-formed', `cannot be read: ${reason}`, { position, cause });
  }
}

function firstLine(message: string): string {
  return (message.split('\n')[0] ?? '').slice(0, 200);
}

function withoutInstructions(
  text: string,
  instructions: readonly { readonly start: number; readonly end: number }[],
): string {
  let plain = '';
  let at = 0;
  for (const { start, end } of instructions) {
    plain += text.slice(at, start) + text.slice(start, end).replaceAll(/[^\r\n]/g, ' ');
    at = end;
  }
  return plain + text.slice(at);
}

type Source = { readonly text: string; readonly placeAt: (offset: number) => TextPosition };
type Content = Pick<XmlElement, 'children' | 'text' | 'lastComments'>;

/** What the parser made of what stands in one element. Its depth is bounded by the scan. */
function content(nodes: unknown, source: Source): Content {
  const children: XmlElement[] = [];
  const texts: string[] = [];
  let comments: string[] = [];
  for (const node of Array.isArray(nodes) ? nodes : []) {
    const name = Object.keys(node).find((key) => key !== ':@');
    if (name === undefined) continue;
    const inner: unknown = Reflect.get(node, name);
    if (name === '#text') texts.push(withCharacters(String(inner)));
    else if (name === '#cdata') texts.push(rawText(inner));
    else if (name === '#comment') comments.push(rawText(inner));
    else {
      children.push(elementOf(node, name, comments, source));
      comments = [];
    }
  }
  return { children, text: texts.join(''), lastComments: comments };
}

function elementOf(
  node: object,
  name: string,
  comments: readonly string[],
  source: Source,
): XmlElement {
  const { start, end } = extent(node);
  // Before its children are looked at: places are asked for in the order of the text.
  const place = source.placeAt(start);
  const attributes = Object.entries(Object(Reflect.get(node, ':@')) as object).map(
    ([key, value]) => [key.slice(1), attributeText(String(value))] as const,
  );
  return {
    name,
    attributes: Object.fromEntries(attributes),
    ...content(Reflect.get(node, name), source),
    comments,
    xml: source.text.slice(start, end),
    ...place,
  };
}

function extent(node: object): { readonly start: number; readonly end: number } {
  const meta: unknown = typeof metaKey === 'symbol' ? Reflect.get(node, metaKey) : undefined;
  const [start, end] = ['startIndex', 'endIndex'].map((key) => Number(Object(meta)[key] ?? 0));
  return { start: start ?? 0, end: end ?? 0 };
}

/** The text of a comment or a CDATA section: `[{ '#text': … }]`. */
function rawText(inner: unknown): string {
  return Array.isArray(inner)
    ? inner.map((part: unknown) => String(Object(part)['#text'] ?? '')).join('')
    : '';
}

/** Blanks of all kinds are blanks in an attribute (XML 1.0, section 3.3.3). */
function attributeText(value: string): string {
  return withCharacters(value.replaceAll(/[\t\n]/g, ' '));
}

const references = new RegExp(REFERENCE.source, 'g');
function withCharacters(text: string): string {
  return text.includes('&')
    ? text.replaceAll(references, (...found: string[]) => characterOf(found) ?? '')
    : text;
}

/** Elements come in the order of the text, so lines are counted once. */
function sourceOf(text: string): Source {
  let line = 1;
  let lineStart = 0;
  let next = text.indexOf('\n');
  const placeAt = (offset: number): TextPosition => {
    for (; next >= 0 && next < offset; next = text.indexOf('\n', lineStart)) {
      line++;
      lineStart = next + 1;
    }
    return { line, column: offset - lineStart + 1 };
  };
  return { text, placeAt };
}
