import type { StepDefinition } from '#agent/sequence/step.ts';
import type { SequenceNode, StepNode, StepRegistry } from '#agent/sequence/task-sequence.ts';

/** What a simulated run did that a machine refuses: steps and settings that this version has no action for. */
export function laterActions(
  nodes: readonly SequenceNode[],
  registry: StepRegistry,
  hasRun: (id: string) => boolean,
): readonly string[] {
  const found = new Set<string>();
  for (const { id, type, params } of stepsOf(nodes))
    if (hasRun(id)) for (const later of laterOf(registry[type], params)) found.add(later);
  return [...found];
}

function laterOf(definition: StepDefinition | undefined, params: StepNode['params']): string[] {
  if (definition === undefined) return [];
  const { title, action } = definition;
  if (action === 'later') return [title];
  const parsed = definition.params.safeParse(params);
  const settings = parsed.success ? definition.laterSettings?.(parsed.data) : undefined;
  return settings === undefined || settings.length === 0
    ? []
    : [`${title} (${settings.join('; ')})`];
}

function* stepsOf(nodes: readonly SequenceNode[]): Generator<StepNode> {
  for (const node of nodes)
    if (node.kind === 'group') yield* stepsOf(node.steps);
    else yield node;
}
