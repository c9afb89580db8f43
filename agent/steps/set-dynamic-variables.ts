import { z } from 'zod';
import { defineStep, type StepContext } from '#agent/sequence/step.ts';
import { substitute } from '#agent/sequence/variables.ts';
import { assignVariable } from './assign-variable.ts';
import { evaluateRule } from './dynamic-variables/evaluate-rule.ts';
import { machineVariables } from './dynamic-variables/machine-variables.ts';
import { RuleCondition } from './dynamic-variables/rule-condition.ts';

const RuleVariable = z.strictObject({
  name: z.string().min(1).max(256).meta({ title: 'Variable' }),
  value: z
    .preprocess(
      (value) => (typeof value === 'number' || typeof value === 'boolean' ? `${value}` : value),
      z.string().max(4000),
    )
    .default('')
    .meta({ title: 'Value', description: 'An empty value deletes the variable.' }),
  secret: z.boolean().default(false).meta({ title: 'Do not display this value' }),
});

const Rule = z.strictObject({
  condition: RuleCondition.optional().meta({
    title: 'If',
    description:
      'all, any or none of: computer, location, make-model, variable. Without it the rule always holds.',
  }),
  variables: z
    .array(RuleVariable)
    .min(1, 'a rule sets at least one variable')
    .max(1000)
    .meta({ title: 'Then set' }),
});
type Rule = z.output<typeof Rule>;

const params = z.strictObject({
  rules: z.array(Rule).max(1000).default([]).meta({
    title: 'Dynamic rules and variables',
    description: 'From the first to the last; a later one overwrites what an earlier one has set.',
  }),
});

/**
 * Set Dynamic Variables (reference: steps, section 6). Gathers what the machine is first, also without
 * any rule. `%Name%` is put into a rule when it is come to: it sees what the rules before it have set.
 */
export const setDynamicVariables = defineStep({
  type: 'set-dynamic-variables',
  title: 'Set Dynamic Variables',
  menu: 'general',
  help: 'Gathers what the machine is, and sets variables by rules.',
  action: 'now',
  needs: ['query'],
  runsIn: ['winpe', 'full-os', 'linux-pe'],
  params,
  repeatable: true,
  destructive: false,
  verbatimParams: ['rules'],
  references: () => [],
  async *run({ rules }, context) {
    yield { detail: 'Gathering what the machine is' };
    const inventory = await context.platform.query.inventory(context.signal);
    for (const [name, value] of machineVariables(inventory)) {
      context.variables.setOwn(name, value);
      context.log(`${name} = ${value}`);
    }
    for (const [index, rule] of rules.entries()) apply(rule, `Rule ${index + 1}`, context);
    return {};
  },
});

function apply({ condition, variables }: Rule, title: string, context: StepContext): void {
  if (condition !== undefined) {
    const { verdict, detail } = evaluateRule(condition, context.variables.current);
    context.log(`${title}: ${verdict}: ${detail}`);
    if (!verdict) return;
  }
  const put = (text: string): string => {
    const { text: value, unknown } = substitute(text, context.variables.current);
    for (const name of unknown) context.log(`${title}: %${name}% has no value`);
    return value;
  };
  for (const { name, value, secret } of variables)
    assignVariable({ name: put(name), value: put(value), secret }, context);
}
