import {
  type Attributes,
  UNATTEND_NAMESPACE,
  type Unattend,
  type UnattendComponent,
  type UnattendElement,
  type UnattendSettings,
} from './unattend.ts';
import { UnattendError } from './unattend-error.ts';

/**
 * An answer file as text, to be written in UTF-8 without a byte order mark. The form is stable: reading
 * it and writing it again gives the same text.
 * @throws {UnattendError} `unattend.character`
 */
export function formatUnattend(unattend: Unattend): string {
  const { settings, others, lastComments } = unattend;
  const lines = [
    '<?xml version="1.0" encoding="utf-8"?>',
    ...commentLines(unattend.comments, ''),
    ...block('unattend', { xmlns: UNATTEND_NAMESPACE, ...unattend.attributes }, '', [
      ...settings.flatMap(settingsLines),
      ...others.flatMap((other) => elementLines(other, '  ')),
      ...commentLines(lastComments, '  '),
    ]),
    ...commentLines(unattend.commentsBehind, ''),
  ];
  return `${lines.join('\n')}\n`;
}

function settingsLines(settings: UnattendSettings): readonly string[] {
  const { pass, attributes, components, others, lastComments, comments } = settings;
  return [
    ...commentLines(comments, '  '),
    ...block('settings', { pass, ...attributes }, '  ', [
      ...components.flatMap(componentLines),
      ...others.flatMap((other) => elementLines(other, '    ')),
      ...commentLines(lastComments, '    '),
    ]),
  ];
}

function componentLines(component: UnattendComponent): readonly string[] {
  const { name, processorArchitecture, publicKeyToken, language, versionScope } = component;
  const identity = { name, processorArchitecture, publicKeyToken, language, versionScope };
  return [
    ...commentLines(component.comments, '    '),
    ...block('component', { ...identity, ...component.attributes }, '    ', [
      ...component.elements.flatMap((each) => elementLines(each, '      ')),
      ...commentLines(component.lastComments, '      '),
    ]),
  ];
}

function elementLines(element: UnattendElement, indent: string): readonly string[] {
  const { name, attributes, children, text, lastComments } = element;
  const before = commentLines(element.comments, indent);
  if (children.length === 0 && text !== '') {
    const comments = lastComments.map(comment).join('');
    const whole = `<${name}${attributesOf(attributes)}>${escapeText(checked(text, name))}${comments}</${name}>`;
    return [...before, indent + whole];
  }
  const inner = `${indent}  `;
  return [
    ...before,
    ...block(name, attributes, indent, [
      ...children.flatMap((child) => elementLines(child, inner)),
      ...commentLines(lastComments, inner),
    ]),
  ];
}

function block(
  name: string,
  attributes: Attributes,
  indent: string,
  lines: readonly string[],
): readonly string[] {
  const start = `${indent}<${name}${attributesOf(attributes)}`;
  return lines.length === 0 ? [`${start} />`] : [`${start}>`, ...lines, `${indent}</${name}>`];
}

function attributesOf(attributes: Attributes): string {
  return Object.entries(attributes)
    .map(([name, value]) => ` ${name}="${escapeAttribute(value, name)}"`)
    .join('');
}

/** Two hyphens have no place in a comment, though some readers let them pass. */
function comment(text: string): string {
  return `<!--${text.replaceAll(/-(?=-|$)/g, '- ')}-->`;
}

function commentLines(comments: readonly string[], indent: string): readonly string[] {
  return comments.map((text) => indent + comment(text));
}

/** Characters that no XML text has. */
// oxlint-disable-next-line no-control-regex -- it is they that are looked for
const NO_CHARACTER = /[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/;

const marks: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ['\t', '&#9;'],
  ['\n', '&#10;'],
  ['\r', '&#13;'],
]);

/** A text as it stands in an element. */
export function escapeText(text: string): string {
  return text.replaceAll(/[&<>\r]/g, (found) => marks.get(found) ?? found);
}

function escapeAttribute(text: string, name: string): string {
  return checked(text, name).replaceAll(/[&<>"\t\n\r]/g, (found) => marks.get(found) ?? found);
}

function checked(text: string, name: string): string {
  const at = text.isWellFormed() ? text.search(NO_CHARACTER) : 0;
  if (at < 0) return text;
  throw new UnattendError(
    'unattend.character',
    `The value of ${name.slice(0, 80)} has a character that no answer file can hold`,
    { hint: 'Look for control characters in the variable or setting that it comes from.' },
  );
}
