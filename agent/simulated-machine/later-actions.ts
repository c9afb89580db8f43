import { laterAction } from '#agent/sequence/later-action.ts';
import type { SequenceNode, StepNode, StepRegistry } from '#agent/sequence/task-sequence.ts';

/** What a simulated run did that a machine refuses: steps and settings that this version has no action for. */
export function laterActions(
  nodes: readonly SequenceNode[],
  registry: StepRegistry,
  hasRun: (id: string) => boolean,
): readonly string[] {
  const found = new Set<string>();
  for (const node of stepsOf(nodes)) {
    const later = hasRun(node.id) ? laterAction(node, registry) : undefined;
    if (later === undefined) continue;
    const { title, settings } = later;
    found.add(settings.length === 0 ? title : `${title} (${settings.join('; ')})`);
  }
  return [...found];
}

function* stepsOf(nodes: readonly SequenceNode[]): Generator<StepNode> {
  for (const node of nodes)
    if (node.kind === 'group') yield* stepsOf(node.steps);
    else yield node;
}
