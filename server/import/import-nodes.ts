import type { SequenceProblem } from '#agent/sequence/sequence-error.ts';
import type { StepRegistry } from '#agent/sequence/task-sequence.ts';
import { nodeProblems } from './check-node.ts';
import { closeQuotes } from './close-quotes.ts';
import type { ImportedNode } from './imported-sequence.ts';
import { type MappedCondition, mapCondition } from './map-condition.ts';
import type { DocumentNode, ImportNeed, MappedStep, MapStep } from './map-step.ts';
import { mapStepSafely } from './map-step-safely.ts';
import { type OriginParts, originOf } from './origin.ts';
import { placeholder } from './placeholder.ts';
import { scriptNeeds } from './script-needs.ts';
import type { SourceGroup, SourceNode, SourceStep } from './source-sequence.ts';
import { bothConditions, groupNode, type NodeFrame, stepNode } from './step-node.ts';
import { type ImportContext, StepReader } from './step-reader.ts';
import { nodeName } from './unique-names.ts';
import { settingNeed, unknownNeeds, unreadNeeds } from './unread.ts';
import { whereItRuns } from './where-it-runs.ts';

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
    Object.entries(source.attributes).filter(([name]) => name.toLowerCase() !== 'expand'),
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
  const head = fit(into, (tried) => groupNode(tried, []), { frame, origin, source });
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
  const { mapped: wanted, needs: quotes } = closeQuotes(mapStepSafely(reader, into.mapStep));
  const made = fitting(into, source, { reader, runIn, answered, mapped: wanted });
  const { mapped, node, refused, told } = made;
  const scripts = scriptNeeds(mapped);
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
      ...scripts.needs,
    ],
    references: reader.references,
    findings: scripts.findings,
  });
  return node;
}

/** A step in the form that the schema takes: what it refuses is kept disabled, with all that it was. */
function fitting(
  into: NodeImport,
  source: SourceStep,
  {
    reader,
    runIn,
    answered,
    mapped,
  }: {
    readonly reader: StepReader;
    readonly runIn: string | undefined;
    readonly answered: MappedCondition;
    readonly mapped: MappedStep;
  },
): {
  readonly mapped: MappedStep;
  readonly node: DocumentNode;
  readonly refused: ImportNeed | undefined;
  readonly told: readonly ImportNeed[];
} {
  const where = whereItRuns(runIn, mapped.actions, into.registry);
  const origin: OriginParts = {
    format: into.context.sequence.format,
    ...originParts(source, reader, mapped),
    condition: answered.origin,
    unknown: source.unknown,
  };
  const frame = {
    ...frameOf(source, mapped.actions[0].name ?? source.type ?? scriptOf(source.action)),
    description: source.description.trim() === '' ? (mapped.description ?? '') : source.description,
    disabled: source.disabled || mapped.how === 'built-in' || mapped.how === 'unsupported',
    condition: bothConditions(answered.condition, where?.condition),
    origin: originOf(origin),
  };
  const whole = fit(into, (tried) => stepNode(tried, mapped), { frame, origin, source });
  const told: readonly ImportNeed[] =
    where === undefined ? [] : [{ kind: 'setting', message: where.told }];
  const { problem, refused } = whole;
  if (problem === undefined) return { mapped, node: stepNode(whole.frame, mapped), refused, told };
  const reason = `${problem.path === '' ? '' : `${problem.path}: `}${problem.message}`;
  const kept = placeholder(source, `It does not fit ${mapped.actions[0].type}: ${reason}`);
  return {
    mapped: kept,
    node: stepNode(
      {
        ...whole.frame,
        disabled: true,
        origin: originOf({ ...origin, ...originParts(source, reader, kept) }),
      },
      kept,
    ),
    refused,
    told: [],
  };
}

/** A node whose condition the schema refuses is disabled without it: it would run where it must not. */
function fit(
  { registry }: NodeImport,
  make: (frame: NodeFrame) => DocumentNode,
  {
    frame,
    origin,
    source,
  }: { readonly frame: NodeFrame; readonly origin: OriginParts; readonly source: SourceNode },
): {
  readonly frame: NodeFrame;
  readonly refused: ImportNeed | undefined;
  /** The first of what is wrong with the node but for its condition. */
  readonly problem: SequenceProblem | undefined;
} {
  const problems = nodeProblems(make(frame), registry);
  const refusal = problems.find(({ path }) => path.startsWith('condition'));
  if (refusal === undefined) return { frame, refused: undefined, problem: problems[0] };
  const condition = source.condition
    .map((each) => ('xml' in each ? each.xml : JSON.stringify(each)))
    .join('\n');
  const without = {
    ...frame,
    condition: undefined,
    disabled: true,
    origin: originOf({ ...origin, condition }),
  };
  return {
    frame: without,
    problem: nodeProblems(make(without), registry)[0],
    refused: {
      kind: 'condition',
      message: `Its condition cannot be used (${refusal.message}); it is kept disabled, without it`,
      hint: 'Write the condition anew, and enable it. What it was is kept as its origin.',
    },
  };
}

function frameOf(
  { name, description, disabled, continueOnError }: SourceNode,
  otherwise: string,
): Omit<NodeFrame, 'condition' | 'origin'> {
  return {
    name: nodeName(name, nodeName(otherwise, 'Step')),
    description,
    disabled,
    continueOnError,
  };
}

/** A step that nothing does here is kept with all that it was, for a later import and for people. */
function isKeptWhole({ how }: MappedStep): boolean {
  return how === 'unsupported' || how === 'built-in';
}

function originParts(
  { type, action, attributes, variables }: SourceStep,
  reader: StepReader,
  mapped: MappedStep,
): Pick<OriginParts, 'type' | 'action' | 'attributes' | 'variables'> {
  if (isKeptWhole(mapped)) return { type, action, attributes, variables };
  const left = { attributes: reader.unreadAttributes, variables: reader.unread };
  const isPlain = left.variables.length === 0 && Object.keys(left.attributes).length === 0;
  return isPlain && mapped.how === 'typed' ? {} : { type, action, ...left };
}

/** The name of a script in a command line, `ZTIGather.wsf`; else its first word. */
export function scriptOf(action: string): string {
  const script = /[^\s"'\\/]{1,200}\.(?:wsf|vbs|ps1|cmd|bat|js|hta)\b/i.exec(action)?.[0];
  return script ?? /[^\s"]{1,200}/.exec(action)?.[0] ?? '';
}
