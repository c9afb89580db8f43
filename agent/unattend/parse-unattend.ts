import { decodeText } from '#media/xml/decode-text.ts';
import { readXml, type XmlElement } from '#media/xml/read-xml.ts';
import { XmlFault, type XmlFaultKind } from '#media/xml/xml-fault.ts';
import { checkNamespaces } from './check-namespaces.ts';
import {
  componentIdentity,
  type Pass,
  passes,
  UNATTEND_NAMESPACE,
  type Unattend,
  type UnattendComponent,
  type UnattendElement,
  type UnattendSettings,
} from './unattend.ts';
import { UnattendError } from './unattend-error.ts';

/** Answer files have some ten thousand bytes; those that carry scripts in them some hundred thousand. */
const MAX_BYTES = 4 * 1024 * 1024;
/** Elements, attributes and comments. */
const MAX_PARTS = 40_000;

/**
 * Reads an answer file: UTF-8 or UTF-16, as bytes or as text. What is not known of it is kept.
 * @throws {UnattendError} `unattend.not-xml`, `unattend.too-large`, `unattend.form`, with line and column
 */
export function parseUnattend(file: Uint8Array | string): Unattend {
  const size = file.length;
  if (size > MAX_BYTES)
    throw new UnattendError(
      'unattend.too-large',
      `The answer file has ${size} bytes, more than ${MAX_BYTES}`,
    );
  try {
    const text = typeof file === 'string' ? file.replace(/^\ufeff/, '') : decodeText(file);
    if (!text.isWellFormed()) throw new XmlFault('not-text', 'has halves of characters');
    const { root, commentsBehind } = readXml(text, { left: MAX_PARTS });
    return { ...readRoot(root), commentsBehind };
  } catch (error) {
    throw error instanceof XmlFault ? ofFault(error) : error;
  }
}

const reasons: Readonly<Record<XmlFaultKind, string>> = {
  'not-text': 'is no text in UTF-8 or UTF-16',
  encoding: 'declares an encoding that is not known',
  'not-well-formed': 'is not well-formed XML',
  doctype: 'has a document type or entity declaration, which is not read',
  'too-deep': 'has elements nested too deep',
  'too-large': `has more than ${MAX_PARTS} elements, attributes and comments`,
};

/** What the fault says is left out: it shows passages of the text, and there are passwords in it. */
function ofFault({ kind, position }: XmlFault): UnattendError {
  const code =
    kind === 'too-large' || kind === 'too-deep' ? 'unattend.too-large' : 'unattend.not-xml';
  return new UnattendError(code, `The answer file ${reasons[kind]}`, {
    hint: 'Open it in Windows System Image Manager or an editor for XML, and look at that place.',
    position,
  });
}

function wrong(reason: string, { line, column }: XmlElement, hint?: string): UnattendError {
  return new UnattendError('unattend.form', `The answer file ${reason}`, {
    position: { line, column },
    hint,
  });
}

function readRoot(root: XmlElement): Omit<Unattend, 'commentsBehind'> {
  const { xmlns, ...attributes } = root.attributes;
  if (root.name !== 'unattend' || xmlns !== UNATTEND_NAMESPACE)
    throw wrong(
      `begins with an element that is not unattend of ${UNATTEND_NAMESPACE}`,
      root,
      'Answer files of Windows XP (unattend.txt, sysprep.inf) are not read.',
    );
  const undeclared = checkNamespaces(root);
  if (undeclared !== undefined)
    throw wrong(
      `uses the prefix ${undeclared.prefix}: without declaring it`,
      undeclared.element,
      'Windows refuses such a file. Give the component an attribute xmlns:… for it.',
    );
  checkMixed(root);
  const isSettings = ({ name }: XmlElement): boolean => name === 'settings';
  return {
    attributes,
    comments: root.comments,
    lastComments: root.lastComments,
    settings: root.children.filter(isSettings).map(readSettings),
    others: root.children.filter((child) => !isSettings(child)).map(readElement),
  };
}

function readSettings(xml: XmlElement): UnattendSettings {
  const { pass: named, ...attributes } = xml.attributes;
  const pass: Pass | undefined = passes.find((name) => name === named);
  if (pass === undefined)
    throw wrong(
      `has settings of the pass ${JSON.stringify(named?.slice(0, 40) ?? '')}`,
      xml,
      `Passes are ${passes.join(', ')}.`,
    );
  const isComponent = ({ name }: XmlElement): boolean => name === 'component';
  return {
    pass,
    attributes,
    comments: xml.comments,
    lastComments: xml.lastComments,
    components: xml.children.filter(isComponent).map(readComponent),
    others: xml.children.filter((child) => !isComponent(child)).map(readElement),
  };
}

function readComponent(xml: XmlElement): UnattendComponent {
  const { name, processorArchitecture, publicKeyToken, language, versionScope, ...attributes } =
    xml.attributes;
  if (name === undefined || name === '' || processorArchitecture === undefined)
    throw wrong('has a component without name or processorArchitecture', xml);
  return {
    name,
    processorArchitecture,
    publicKeyToken: publicKeyToken ?? componentIdentity.publicKeyToken,
    language: language ?? componentIdentity.language,
    versionScope: versionScope ?? componentIdentity.versionScope,
    attributes,
    comments: xml.comments,
    lastComments: xml.lastComments,
    elements: xml.children.map(readElement),
  };
}

function readElement(xml: XmlElement): UnattendElement {
  const { name, attributes, comments, lastComments, text } = xml;
  const isLeaf = xml.children.length === 0 && (text.trim() !== '' || lastComments.length === 0);
  const children = xml.children.map(readElement);
  return { name, attributes, comments, lastComments, children, text: isLeaf ? text : '' };
}

/** Text between elements has no place in an answer file: something is not closed where it should be. */
function checkMixed(xml: XmlElement): void {
  if (!isHolder(xml) && xml.children.length === 0) return;
  if (xml.text.trim() !== '')
    throw wrong(`has text beside the elements in ${xml.name.slice(0, 80)}`, xml);
  for (const child of xml.children) checkMixed(child);
}

function isHolder({ name }: XmlElement): boolean {
  return name === 'unattend' || name === 'settings' || name === 'component';
}
