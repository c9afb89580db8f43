import type { StepDefinition } from '#agent/sequence/step.ts';
import type { StepRegistry } from '#agent/sequence/task-sequence.ts';

/**
 * The steps as a simulation runs them: what a step says of itself in `simulate` takes the place of its
 * action. What this version's actions cannot do is not refused, neither in the checks.
 */
export function simulatedRegistry(registry: StepRegistry): StepRegistry {
  return Object.fromEntries(
    Object.entries(registry).map(([type, definition]) => [type, simulated(definition)]),
  );
}

function simulated(definition: StepDefinition): StepDefinition {
  const able = { ...definition, laterSettings: () => [] };
  if (definition.simulate === undefined) return able;
  const shown: StepDefinition = {
    ...able,
    run: (params, context) =>
      definition.simulate?.(params, context) ?? definition.run(params, context),
  };
  return definition.action === 'now' ? shown : { ...shown, check: async () => {} };
}
