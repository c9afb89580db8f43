import { conditionText as text } from '../../../text/sequence-conditions.ts';
import { isFields, shown } from './tree.ts';

/** How the parts of a group are taken together. */
export const groupWords = ['all', 'any', 'none'] as const;
type GroupWord = (typeof groupWords)[number];

/** A condition as the builder shows it; what it does not know stays as it is. */
export type ConditionPart =
  | { readonly kind: 'group'; readonly word: GroupWord; readonly parts: readonly unknown[] }
  | { readonly kind: 'leaf'; readonly of: string; readonly value: Record<string, unknown> }
  | { readonly kind: 'odd' };

/** What a value of the document is as a condition. */
export function readPart(value: unknown): ConditionPart {
  if (!isFields(value)) return { kind: 'odd' };
  for (const word of groupWords) {
    const parts = value[word];
    if (Array.isArray(parts)) return { kind: 'group', word, parts };
  }
  const { kind } = value;
  return typeof kind === 'string' ? { kind: 'leaf', of: kind, value } : { kind: 'odd' };
}

/** A condition in a plain sentence, without its end: `variable Model is "X" and not (...)`. */
export function conditionSentence(value: unknown): string {
  const part = readPart(value);
  switch (part.kind) {
    case 'odd':
      return text.unknown('?');
    case 'leaf':
      return leafSentence(part.of, part.value);
    case 'group':
      return groupSentence(part.word, part.parts);
  }
}

/** The whole of it: `It runs if ….` */
export function sentenceOf(condition: unknown): string {
  return condition === undefined ? text.always : text.runsIf(conditionSentence(condition));
}

function groupSentence(word: GroupWord, parts: readonly unknown[]): string {
  if (parts.length === 0) return text.nothingOf[word];
  const inner = parts.map((each) => {
    const part = readPart(each);
    const isJoined = part.kind === 'group' && part.word !== 'none' && part.parts.length > 1;
    const sentence = conditionSentence(each);
    return isJoined && parts.length > 1 ? text.inBrackets(sentence) : sentence;
  });
  const joined = inner.join(word === 'all' ? text.and : text.or);
  if (word !== 'none') return joined;
  return text.not(inner.length > 1 ? text.inBrackets(joined) : joined);
}

function leafSentence(kind: string, value: Readonly<Record<string, unknown>>): string {
  const of = (name: string) => {
    const found = value[name];
    return found === undefined ? '' : shown(found);
  };
  const operator = text.operators[of('operator')] ?? of('operator');
  const compared = (name: string) => (value[name] === undefined ? '' : ` "${of(name)}"`);
  switch (kind) {
    case 'variable':
      return text.variable(of('variable'), operator, compared('value'));
    case 'file':
      return text.file(of('path'), facts(value));
    case 'folder':
      return text.folder(of('path'), facts(value));
    case 'registry':
      return text.registry(of('key'), of('valueName'), `${operator}${compared('data')}`);
    case 'wmi':
      return text.wmi(of('query'), of('namespace'));
    case 'software':
      return text.software(
        [
          of('productName') || of('productCode') || of('upgradeCode') || text.someSoftware,
          of('version'),
        ]
          .filter(Boolean)
          .join(' '),
      );
    case 'os-language':
      return text.language(of('language'));
    case 'os-version':
      return text.system(systems(value['platforms']));
    default:
      return text.unknown(kind);
  }
}

function facts(value: Readonly<Record<string, unknown>>): string {
  const said: string[] = [];
  const operatorOf = (name: string) => {
    const operator = value[name] === undefined ? 'equals' : shown(value[name]);
    return text.operators[operator] ?? operator;
  };
  if (value['version'] !== undefined)
    said.push(text.version(operatorOf('versionOperator'), shown(value['version'])));
  if (value['modified'] !== undefined)
    said.push(text.modified(operatorOf('modifiedOperator'), shown(value['modified'])));
  return said.join(text.and);
}

function systems(platforms: unknown): string {
  if (!Array.isArray(platforms) || platforms.length === 0) return text.someSystem;
  return platforms.map((each: unknown) => (isFields(each) ? system(each) : '?')).join(text.or);
}

function system(platform: Readonly<Record<string, unknown>>): string {
  if (typeof platform['name'] === 'string') return platform['name'];
  const { family = 'Windows', productType, architecture, minVersion, maxVersion } = platform;
  const range = [minVersion, maxVersion].filter((each) => each !== undefined).map(shown);
  return [family, productType, architecture, range.join('–')]
    .map((each) => (each === undefined ? '' : shown(each)))
    .filter(Boolean)
    .join(' ');
}
