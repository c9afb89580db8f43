import { type Ask, askStep, findNode } from '../sequence/engine.ts';
import { type ReleaseVariables, withheldValues } from '../sequence/step-variables.ts';
import type { StepRegistry, TaskSequence } from '../sequence/task-sequence.ts';
import type { Variables } from '../sequence/variables.ts';
import { withheldInCondition, withheldReads } from '../sequence/withheld-reads.ts';

type StepAsk = Ask & { readonly kind: 'step' };

/**
 * A step with the withheld variables that it is known to read, put into its settings too. What they are may show
 * that it reads others: members of an array.
 *
 * @throws {StepError} `variable.unavailable`, and what the server refuses with
 */
export async function stepWithSecrets(
  ask: StepAsk,
  { sequence, registry }: { readonly sequence: TaskSequence; readonly registry: StepRegistry },
  release: ReleaseVariables | undefined,
): Promise<StepAsk> {
  const node = findNode(sequence, ask.stepId);
  const definition = Object.hasOwn(registry, ask.type) ? registry[ask.type] : undefined;
  if (node?.kind !== 'step' || definition === undefined) return ask;
  let filled = ask;
  for (;;) {
    const { params, variables } = filled;
    const names = withheldReads(definition, { params, written: node.params }, variables);
    if (names.length === 0) return filled;
    const known = variables.setAll(await withheldValues(names, release));
    filled = { ...filled, ...askStep(node, ask.attempt, { variables: known }) };
  }
}

/** The variables that a condition is decided on. @throws {StepError} as `stepWithSecrets` */
export async function conditionVariables(
  { condition, variables }: Ask & { readonly kind: 'condition' },
  release: ReleaseVariables | undefined,
): Promise<Variables> {
  const names = withheldInCondition(condition, variables);
  return names.length === 0 ? variables : variables.setAll(await withheldValues(names, release));
}
