import { type Condition, evaluateCondition, type Verdict } from './condition.ts';
import type { QueryCapability } from './platform.ts';
import type { Variables } from './variables.ts';

/** What a condition is decided on. */
export interface ConditionGround {
  readonly variables: Variables;
  readonly query: QueryCapability;
  readonly signal: AbortSignal;
}

/** Decides a condition, asking the machine for no more than it takes. Never throws but for a cancellation. */
export async function answerCondition(
  condition: Condition,
  { variables }: ConditionGround,
): Promise<Verdict> {
  return evaluateCondition(condition, variables);
}
