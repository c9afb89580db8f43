import { z } from 'zod';
import { defineStep, StepError } from '#agent/sequence/step.ts';
import { HIDDEN, variableNameProblem, variableValueProblem } from '#agent/sequence/variables.ts';

const params = z.strictObject({
  name: z.string().min(1).max(256).meta({
    title: 'Task sequence variable',
    description: 'Letters, digits, _ and -. Names that begin with _ are read-only.',
  }),
  value: z
    .string()
    .max(4000)
    .default('')
    .meta({ title: 'Value', description: 'An empty value deletes the variable.' }),
  secret: z.boolean().default(false).meta({
    title: 'Do not display this value',
    description: 'Hidden in logs, history and on screen, until the variable is deleted.',
  }),
});

/** Set Task Sequence Variable. Trying to set a read-only name fails the step. */
export const setVariable = defineStep({
  type: 'set-variable',
  title: 'Set Task Sequence Variable',
  needs: [],
  runsIn: ['winpe', 'full-os', 'linux-pe'],
  params,
  repeatable: true,
  destructive: false,
  references: () => [],
  async *run({ name, value, secret }, context) {
    const problem = variableNameProblem(name) ?? variableValueProblem(value);
    if (problem !== undefined)
      throw new StepError('variable.invalid', `Cannot set the variable: ${problem}`, {
        hint: 'Choose a name that begins with a letter, and a value of at most 4,000 characters.',
        exitCode: 0x80070057,
      });
    yield { detail: name };
    context.log(value === '' ? `${name} deleted` : `${name} = ${secret ? HIDDEN : value}`);
    return { variables: { [name]: value }, secrets: secret ? [name] : [] };
  },
});
