import { laterAction } from '#agent/sequence/later-action.ts';
import { stepNodes } from '#agent/sequence/step-nodes.ts';
import type { SequenceNode, StepRegistry } from '#agent/sequence/task-sequence.ts';

/** What a simulated run did that a machine refuses: steps and settings that this version has no action for. */
export function laterActions(
  nodes: readonly SequenceNode[],
  registry: StepRegistry,
  hasRun: (id: string) => boolean,
): readonly string[] {
  const found = new Set<string>();
  for (const node of stepNodes(nodes)) {
    const later = hasRun(node.id) ? laterAction(node, registry) : undefined;
    if (later === undefined) continue;
    const { title, settings } = later;
    found.add(settings.length === 0 ? title : `${title} (${settings.join('; ')})`);
  }
  return [...found];
}
