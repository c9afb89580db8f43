import { expect, it } from 'vitest';
import { z } from 'zod';
import { plainActionVariables } from '../sequence/action-variables.ts';
import { parseTaskSequence } from '../sequence/schema.ts';
import { defineStep } from '../sequence/step.ts';
import type { StepRegistry } from '../sequence/task-sequence.ts';
import { drive } from '../simulated-machine/drive.ts';
import { SimulatedMachine } from '../simulated-machine/machine.ts';

/** Runs a step with one action variable, then one without; tells what programs of each find. */
async function environments(preset: Readonly<Record<string, string>>) {
  const seen: (string | undefined)[] = [];
  const common = {
    title: 'Look',
    menu: 'general' as const,
    help: 'A step of a test.',
    action: 'now' as const,
    needs: [],
    runsIn: ['linux-pe' as const],
    params: z.strictObject({ folder: z.string().default('') }),
    repeatable: true,
    destructive: false,
    references: () => [],
  };
  const look = defineStep({
    ...common,
    type: 'look',
    actionVariables: plainActionVariables({
      WorkingDirectory: { param: 'folder', schema: z.string() },
    }),
    async *run({ folder }, context) {
      yield {};
      seen.push(folder, context.environment()['WorkingDirectory']);
      return {};
    },
  });
  const after = defineStep({
    ...common,
    type: 'after',
    async *run(_params, context) {
      yield {};
      seen.push(context.environment()['WorkingDirectory']);
      return {};
    },
  });
  const registry: StepRegistry = { look, after };
  const nodes = [
    { step: 'Look', type: 'look', params: { folder: '/own' } },
    { step: 'After', type: 'after' },
  ];
  const { state } = await drive({
    sequence: parseTaskSequence({ name: 'test', steps: nodes }, registry),
    registry,
    machine: new SimulatedMachine({ disks: [] }),
    variables: Object.entries(preset).map(([name, value]) => ({ name, value, secret: false })),
  });
  return { seen, after: state.variables.value('WorkingDirectory') };
}

it('M11 shows programs the settings of a running step, and nothing of them afterwards', async () => {
  expect(await environments({})).toEqual({ seen: ['/own', '/own', undefined], after: undefined });
});

it('M11 lets a variable that was set beforehand override the setting, and stay', async () => {
  expect(await environments({ WorkingDirectory: '/preset' })).toEqual({
    seen: ['/preset', '/preset', '/preset'],
    after: '/preset',
  });
});
