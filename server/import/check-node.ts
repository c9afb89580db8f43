import { parseTaskSequence } from '#agent/sequence/schema.ts';
import { SequenceError, type SequenceProblem } from '#agent/sequence/sequence-error.ts';
import type { StepRegistry } from '#agent/sequence/task-sequence.ts';
import type { DocumentNode } from './map-step.ts';

const SELF = 'steps[0]';

/** What the schema says against a node by itself; paths begin at the node. */
export function nodeProblems(
  node: DocumentNode,
  registry: StepRegistry,
): readonly SequenceProblem[] {
  try {
    parseTaskSequence({ name: 'One node', steps: [node] }, registry);
    return [];
  } catch (error) {
    if (!(error instanceof SequenceError)) throw error;
    return error.problems.map((problem) => ({
      ...problem,
      path: problem.path.replace(SELF, '').replace(/^\./, ''),
    }));
  }
}
