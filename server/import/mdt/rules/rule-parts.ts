import type { RuleCondition } from '#agent/steps/dynamic-variables/rule-condition.ts';

/** A rule of Set Dynamic Variables, as a document has it. */
export interface DynamicRule {
  readonly condition?: RuleCondition;
  readonly variables: readonly {
    readonly name: string;
    readonly value: string;
    readonly secret?: true;
  }[];
}

export function exists(variable: string): RuleCondition {
  return { kind: 'variable', variable, operator: 'exists' };
}

export function notExists(variable: string): RuleCondition {
  return { kind: 'variable', variable, operator: 'notExists' };
}

/** Compared without case, as all of these are in MDT; an empty text is a variable without value. */
export function equals(variable: string, value: string): RuleCondition {
  return value === ''
    ? notExists(variable)
    : { kind: 'variable', variable, operator: 'equals', value };
}

/** A rule that sets one variable where all conditions hold. */
export function rule(
  conditions: readonly RuleCondition[],
  variable: DynamicRule['variables'][number],
): DynamicRule {
  const [first, ...others] = conditions;
  if (first === undefined) return { variables: [variable] };
  return {
    condition: others.length === 0 ? first : { all: [...conditions] },
    variables: [variable],
  };
}

/** Names of the variables that a condition asks, in lower case. */
export function askedVariables(condition: RuleCondition): readonly string[] {
  if ('all' in condition) return condition.all.flatMap(askedVariables);
  if ('any' in condition) return condition.any.flatMap(askedVariables);
  if ('none' in condition) return condition.none.flatMap(askedVariables);
  return condition.kind === 'variable' ? [condition.variable.toLowerCase()] : [];
}
