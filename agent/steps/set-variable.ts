import { z } from 'zod';
import { defineStep } from '#agent/sequence/step.ts';
import { HIDDEN } from '#agent/sequence/variables.ts';

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
    yield { detail: name };
    context.variables.set(name, value, { secret });
    const isHidden = context.variables.get(name)?.secret === true;
    context.log(value === '' ? `${name} deleted` : `${name} = ${isHidden ? HIDDEN : value}`);
    return {};
  },
});
