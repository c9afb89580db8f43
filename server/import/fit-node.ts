import type { SequenceProblem } from '#agent/sequence/sequence-error.ts';
import type { StepRegistry } from '#agent/sequence/task-sequence.ts';
import { nodeProblems } from './check-node.ts';
import type { DocumentNode, ImportNeed } from './map-step.ts';
import { type OriginParts, originOf } from './origin.ts';
import type { SourceNode } from './source-sequence.ts';
import type { NodeFrame } from './step-node.ts';
import { nodeName } from './unique-names.ts';

/** A node whose condition the schema refuses is disabled without it: it would run where it must not. */
export function fitNode(
  make: (frame: NodeFrame) => DocumentNode,
  {
    frame,
    origin,
    source,
    registry,
  }: {
    readonly frame: NodeFrame;
    readonly origin: OriginParts;
    readonly source: SourceNode;
    readonly registry: StepRegistry;
  },
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

/** What of a node stays as it was; a name that is empty becomes another. */
export function frameOf(
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
