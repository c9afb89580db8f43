import { ImportError } from '../import-error.ts';
import type {
  SourceCondition,
  SourceFormat,
  SourceNode,
  SourceSequence,
  SourceVariable,
} from '../source-sequence.ts';
import { readOperands } from './condition-tree.ts';
import { childrenOf, type XmlElement } from './xml.ts';

/** Groups within each other that the engine takes. */
const MAX_GROUP_DEPTH = 32;

/** What a `<sequence>` element says, without what stands around it. */
export type SequenceTree = Pick<SourceSequence, 'format' | 'globals' | 'references' | 'nodes'> & {
  /** Elements beside steps and groups that have no meaning known here, as XML. */
  readonly unknown: readonly string[];
};

/** MDT names its sequences in the file and writes version 3.00; Configuration Manager writes 3.10 and later. */
function formatOf({ attributes }: XmlElement): SourceFormat {
  const version = attributes['version'] ?? '';
  return version === '3.00' || (attributes['name'] !== undefined && !version.startsWith('3.1'))
    ? 'mdt'
    : 'configmgr';
}

/**
 * Reads a `<sequence>`: children in whatever order, comments kept on the node that comes after them, what
 * is not known kept as XML.
 * @throws {ImportError} `import.too-deep`
 */
export function readSequenceTree(sequence: XmlElement, from: string): SequenceTree {
  const nodes = readNodes(sequence, { from, depth: 0 });
  const [first] = nodes;
  const placed =
    first === undefined
      ? []
      : [{ ...first, comments: [...sequence.comments, ...first.comments] }, ...nodes.slice(1)];
  const left = first === undefined ? [...sequence.comments, ...allComments(sequence)] : [];
  return {
    format: formatOf(sequence),
    globals: childrenOf(sequence, 'globalVarList').flatMap(readVariables),
    references: childrenOf(sequence, 'referenceList').flatMap(readReferences),
    nodes: withLastComments(placed, sequence.lastComments),
    unknown: [
      ...left.map((comment) => `<!--${comment}-->`),
      ...strayIn(sequence, new Set([...nodeNames, 'globalVarList', 'referenceList'])),
      ...childrenOf(sequence, 'globalVarList').flatMap((list) => strayIn(list, variableName)),
      ...childrenOf(sequence, 'referenceList').flatMap((list) => strayIn(list, referenceName)),
    ],
  };
}

const variableName = new Set(['variable']);
const referenceName = new Set(['reference']);
const nodeNames = new Set(['group', 'step', 'subtasksequence']);

interface Place {
  readonly from: string;
  readonly depth: number;
}

function readNodes(parent: XmlElement, place: Place): readonly SourceNode[] {
  const nodes: SourceNode[] = [];
  // Comments before `<condition>` and its like stay with the next node.
  let comments: string[] = [];
  for (const child of parent.children) {
    comments.push(...child.comments);
    if (!nodeNames.has(child.name)) continue;
    const before = comments;
    comments = [];
    nodes.push(child.name === 'group' ? readGroup(child, before, place) : readStep(child, before));
  }
  return withLastComments(nodes, comments);
}

/** Comments that no node comes after stay with the last one. */
function withLastComments(
  nodes: readonly SourceNode[],
  comments: readonly string[],
): readonly SourceNode[] {
  const last = nodes.at(-1);
  return last === undefined || comments.length === 0
    ? nodes
    : [...nodes.slice(0, -1), { ...last, comments: [...last.comments, ...comments] }];
}

function readGroup(
  group: XmlElement,
  before: readonly string[],
  { from, depth }: Place,
): SourceNode {
  if (depth >= MAX_GROUP_DEPTH)
    throw new ImportError(
      'import.too-deep',
      `${from}: groups nest deeper than ${MAX_GROUP_DEPTH}, in ${JSON.stringify(group.attributes['name'] ?? '')}`,
      { position: { line: group.line, column: 1 }, hint: 'Take groups out of each other.' },
    );
  const nodes = readNodes(group, { from, depth: depth + 1 });
  const known = new Set([...nodeNames, 'condition', 'action']);
  const common = readCommon(group, before, [], known);
  // The editor of MDT leaves an empty action in groups.
  const actions = childrenOf(group, 'action').filter(isFilled);
  return {
    kind: 'group',
    ...common,
    comments: [
      ...common.comments,
      ...(nodes.length === 0 ? [group] : childrenOf(group, 'condition')).flatMap(allComments),
    ],
    unknown: [...common.unknown, ...actions.map(({ xml }) => xml)],
    nodes: withLastComments(nodes, group.lastComments),
  };
}

function readStep(step: XmlElement, before: readonly string[]): SourceNode {
  const known = new Set(['condition', 'action', 'defaultVarList']);
  const common = readCommon(step, before, ['type'], known);
  const [action, ...others] = childrenOf(step, 'action');
  const type = step.attributes['type'];
  const lists = childrenOf(step, 'defaultVarList');
  return {
    kind: 'step',
    ...common,
    comments: [...common.comments, ...allComments(step)],
    unknown: [
      ...common.unknown,
      ...others.filter(isFilled).map(({ xml }) => xml),
      ...lists.flatMap((list) => strayIn(list, variableName)),
    ],
    type: type || (step.name === 'subtasksequence' ? SUB_TASK_SEQUENCE : undefined),
    action: action?.text ?? '',
    variables: lists.flatMap(readVariables),
  };
}

const SUB_TASK_SEQUENCE = 'SMS_TaskSequence_SubTasksequence';

function readCommon(
  node: XmlElement,
  before: readonly string[],
  held: readonly string[],
  known: ReadonlySet<string>,
) {
  const { name = '', description = '' } = node.attributes;
  const heldHere = ['name', 'description', ...held];
  const flag = (attribute: string): boolean => {
    const value = flagOf(node.attributes[attribute] ?? '');
    if (value !== undefined) heldHere.push(attribute);
    return value ?? false;
  };
  return {
    name,
    description,
    disabled: flag('disable'),
    continueOnError: flag('continueOnError'),
    condition: childrenOf(node, 'condition').flatMap<SourceCondition>(readOperands),
    attributes: Object.fromEntries(
      Object.entries(node.attributes).filter(([key]) => !heldHere.includes(key)),
    ),
    comments: before,
    unknown: [...strayIn(node, known), ...childrenOf(node, 'condition').flatMap(textsOf)],
  };
}

function flagOf(text: string): boolean | undefined {
  const word = text.trim().toLowerCase();
  if (['true', 'yes', '1', '-1'].includes(word)) return true;
  return ['', 'false', 'no', '0'].includes(word) ? false : undefined;
}

function isFilled({ text, children }: XmlElement): boolean {
  return text.trim() !== '' || children.length > 0;
}

/** Elements of other names, and text between elements, as they are written. */
function strayIn(element: XmlElement, known: ReadonlySet<string>): readonly string[] {
  return [
    ...element.children.filter(({ name }) => !known.has(name)).map(({ xml }) => xml),
    ...textsOf(element),
  ];
}

/** What is written between its elements, where it is more than blanks. */
function textsOf({ text }: XmlElement): readonly string[] {
  return text.trim() === '' ? [] : [text.trim()];
}

/** All comments in it, at whatever depth, in their order. */
function allComments(element: XmlElement): readonly string[] {
  return [
    ...element.children.flatMap((child) => [...child.comments, ...allComments(child)]),
    ...element.lastComments,
  ];
}

function readVariables(list: XmlElement): readonly SourceVariable[] {
  return childrenOf(list, 'variable').map(({ attributes, text }) => {
    const { name = '', property } = attributes;
    return { name: name || (property ?? ''), property, value: text };
  });
}

function readReferences(list: XmlElement): readonly string[] {
  return childrenOf(list, 'reference').flatMap(
    ({ attributes }) => attributes['package'] ?? attributes['application'] ?? [],
  );
}
