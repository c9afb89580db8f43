import type { SequenceNode, StepNode } from './task-sequence.ts';

/** All steps in the order of the document, those in groups too, whether they are disabled or not. */
export function* stepNodes(nodes: readonly SequenceNode[]): Generator<StepNode> {
  for (const node of nodes)
    if (node.kind === 'group') yield* stepNodes(node.steps);
    else yield node;
}
