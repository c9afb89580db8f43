import type { StepRegistry } from '#agent/sequence/task-sequence.ts';
import { fitNode, frameOf } from './fit-node.ts';
import type { MappedCondition } from './map-condition.ts';
import type { DocumentNode, ImportNeed, MappedStep } from './map-step.ts';
import { type OriginParts, originOf } from './origin.ts';
import { placeholder } from './placeholder.ts';
import { scriptOf } from './script-of.ts';
import type { SourceStep } from './source-sequence.ts';
import { bothConditions, stepNode } from './step-node.ts';
import type { StepReader } from './step-reader.ts';
import { whereItRuns } from './where-it-runs.ts';

/** A step in the form that the schema takes: what it refuses is kept disabled, with all that it was. */
export function fitStep(
  reader: StepReader,
  {
    runIn,
    answered,
    mapped,
    registry,
  }: {
    readonly runIn: string | undefined;
    readonly answered: MappedCondition;
    readonly mapped: MappedStep;
    readonly registry: StepRegistry;
  },
): {
  readonly mapped: MappedStep;
  readonly node: DocumentNode;
  readonly refused: ImportNeed | undefined;
  readonly told: readonly ImportNeed[];
} {
  const { step: source, context } = reader;
  const where = whereItRuns(runIn, mapped.actions, registry);
  const origin: OriginParts = {
    format: context.sequence.format,
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
  const whole = fitNode((tried) => stepNode(tried, mapped), { frame, origin, source, registry });
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

/** A step that nothing does here is kept with all that it was, for a later import and for people. */
export function isKeptWhole({ how }: MappedStep): boolean {
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
