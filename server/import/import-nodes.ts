import type { StepRegistry } from '#agent/sequence/task-sequence.ts';
import { closeQuotes } from './close-quotes.ts';
import { fitNode, frameOf } from './fit-node.ts';
import { fitStep, isKeptWhole } from './fit-step.ts';
import type { ImportedNode } from './imported-sequence.ts';
import { mapCondition } from './map-condition.ts';
import type { DocumentNode, MapStep } from './map-step.ts';
import { mapStepSafely } from './map-step-safely.ts';
import { type OriginParts, originOf } from './origin.ts';
import { scriptNeeds } from './script-needs.ts';
import { scriptOf } from './script-of.ts';
import type { SourceGroup, SourceNode, SourceStep } from './source-sequence.ts';
import { groupNode } from './step-node.ts';
import { type ImportContext, StepReader } from './step-reader.ts';
import { takeOutPasswords } from './take-out-passwords.ts';
import { cutNeeds, settingNeed, unknownNeeds, unreadNeeds } from './unread.ts';

/** What the nodes of one sequence are imported with, and what is told of them. */
export interface NodeImport {
  readonly context: ImportContext;
  readonly registry: StepRegistry;
  readonly mapStep: MapStep;
  readonly nextSecret: () => number;
  /** Counts the variables that stand for conditions nobody can answer. */
  readonly nextQuestion: () => number;
  /** Filled, in the order of the source. */
  readonly nodes: ImportedNode[];
  readonly comments: Map<string, readonly string[]>;
}

/** The nodes of a group or sequence. @param first index of the first of them in its `steps` */
export function importNodes(
  into: NodeImport,
  nodes: readonly SourceNode[],
  { path, depth, first = 0 }: { readonly path: string; readonly depth: number; first?: number },
): DocumentNode[] {
  return nodes.map((node, index) => {
    const at = { path: `${path}${path === '' ? '' : '.'}steps[${first + index}]`, depth };
    if (node.comments.length > 0) into.comments.set(at.path, node.comments);
    return node.kind === 'group' ? importGroup(into, node, at) : importStep(into, node, at);
  });
}

interface At {
  readonly path: string;
  readonly depth: number;
}

function importGroup(into: NodeImport, source: SourceGroup, at: At): DocumentNode {
  const { format } = into.context.sequence;
  const answered = mapCondition(source.condition, format, into.nextQuestion);
  const attributes = Object.fromEntries(
    Object.entries(source.attributes).filter(
      ([name, value]) => value !== '' && name.toLowerCase() !== 'expand',
    ),
  );
  const origin: OriginParts = {
    format,
    attributes,
    condition: answered.origin,
    unknown: source.unknown,
  };
  const frame = {
    ...frameOf(source, 'Group'),
    condition: answered.condition,
    origin: originOf(origin),
  };
  const head = fitNode((tried) => groupNode(tried, []), {
    frame,
    origin,
    source,
    registry: into.registry,
  });
  into.nodes.push({
    path: at.path,
    kind: 'group',
    depth: at.depth,
    name: frame.name,
    sourceType: '',
    how: undefined,
    reason: undefined,
    became: [],
    disabled: source.disabled,
    expressions: answered.expressions,
    mappedExpressions: head.refused === undefined ? answered.mapped : 0,
    needs: [
      ...answered.needs,
      ...(head.refused === undefined ? [] : [head.refused]),
      ...settingNeed(Object.entries(attributes).map(([name, value]) => `${name}=${value}`)),
      ...unknownNeeds(source),
      ...cutNeeds(source),
    ],
    references: [],
    findings: [],
  });
  const steps = importNodes(into, source.nodes, { path: at.path, depth: at.depth + 1 });
  return groupNode(head.frame, steps);
}

function importStep(into: NodeImport, source: SourceStep, at: At): DocumentNode {
  const reader = new StepReader(source, into.context, into.nextSecret);
  const runIn = reader.attribute('runIn');
  const answered = mapCondition(source.condition, into.context.sequence.format, into.nextQuestion);
  const { mapped: wanted, needs: quotes } = closeQuotes(
    takeOutPasswords(mapStepSafely(reader, into.mapStep), reader),
  );
  const { mapped, node, refused, told } = fitStep(reader, {
    runIn,
    answered,
    mapped: wanted,
    registry: into.registry,
  });
  const scripts = scriptNeeds(mapped, reader.needs);
  into.nodes.push({
    path: at.path,
    kind: 'step',
    depth: at.depth,
    name: String(node['step'] ?? node['group']),
    sourceType: source.type ?? scriptOf(source.action),
    how: mapped.how,
    reason: mapped.reason,
    became: mapped.actions.map(({ type }) => type),
    disabled: source.disabled,
    expressions: answered.expressions,
    mappedExpressions: refused === undefined ? answered.mapped : 0,
    needs: [
      ...answered.needs,
      ...(refused === undefined ? [] : [refused]),
      ...reader.needs,
      ...quotes,
      ...told,
      ...(isKeptWhole(mapped) ? unknownNeeds(source) : unreadNeeds(reader)),
      ...cutNeeds(source),
      ...scripts.needs,
    ],
    references: reader.references,
    findings: scripts.findings,
  });
  return node;
}
