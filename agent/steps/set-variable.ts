import { z } from 'zod';
import { defineStep } from '#agent/sequence/step.ts';
import { assignVariable } from './assign-variable.ts';

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

/**
 * Set Task Sequence Variable (reference: steps, section 6). Setting a read-only name fails the step, and
 * so does a value that is longer than 4,000 characters with its variables put in.
 */
export const setVariable = defineStep({
  type: 'set-variable',
  title: 'Set Task Sequence Variable',
  menu: 'general',
  help: 'Gives a variable a value, or deletes it.',
  action: 'now',
  needs: [],
  runsIn: ['winpe', 'full-os', 'linux-pe'],
  params,
  repeatable: true,
  destructive: false,
  references: () => [],
  async *run({ name, value, secret }, context) {
    yield { detail: name };
    assignVariable({ name, value, secret }, context);
    return {};
  },
});
