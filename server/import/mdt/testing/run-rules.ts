import { substitute, Variables } from '#agent/sequence/variables.ts';
import { evaluateRule } from '#agent/steps/dynamic-variables/evaluate-rule.ts';
import type { RuleCondition } from '#agent/steps/dynamic-variables/rule-condition.ts';

interface Rule {
  readonly condition?: RuleCondition | undefined;
  readonly variables: readonly { readonly name: string; readonly value: string }[];
}

/** The variables after rules, as Set Dynamic Variables runs them; by name in upper case. */
export function runRules(
  rules: readonly Rule[],
  values: Readonly<Record<string, string>>,
): ReadonlyMap<string, string> {
  let variables = Variables.none.setAll(
    Object.entries(values).map(([name, value]) => ({ name, value, secret: false })),
  );
  for (const { condition, variables: set } of rules) {
    if (condition !== undefined && !evaluateRule(condition, variables).verdict) continue;
    for (const { name, value } of set)
      variables = variables.set({ name, value: substitute(value, variables).text, secret: false });
  }
  return new Map([...variables].map(({ name, value }) => [name.toUpperCase(), value]));
}
