import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { StepId } from '../protocol/run-event.ts';
import { defineStep, StepError } from '../sequence/step.ts';
import { Variables } from '../sequence/variables.ts';
import { contentOf } from '../simulated-machine/content.ts';
import { SimulatedMachine } from '../simulated-machine/machine.ts';
import type { Shown } from '../ts-environment/messages.ts';
import { runErrorOf, runStep } from './run-step.ts';

const SECRET = 'correct-horse';

/** A step that says its secret wherever a step can say something. */
const chatty = defineStep({
  type: 'chatty',
  title: 'Chatty',
  menu: 'general',
  help: 'A step of a test.',
  action: 'now',
  needs: [],
  runsIn: ['linux-pe'],
  params: z.strictObject({ command: z.string(), fails: z.boolean() }),
  repeatable: true,
  destructive: false,
  references: () => [],
  async *run({ command, fails }, context) {
    context.log(`running ${command}`);
    yield { detail: command };
    context.variables.set('Output', `said ${command}`);
    if (fails)
      throw new StepError('step.exit-code', `${command} failed`, { hint: `try ${command}` });
    return {};
  },
});

async function run(fails: boolean, shown: readonly Shown[] = []) {
  const said: string[] = [];
  const outcome = await runStep(
    {
      kind: 'step',
      stepId: StepId.parse('0'),
      name: 'Chatty',
      type: 'chatty',
      attempt: 1,
      params: { command: `login ${SECRET}`, fails },
      unknownVariables: [],
      continueOnError: false,
      destructive: false,
      variables: Variables.none.set({ name: 'Password', value: SECRET, secret: true }),
    },
    {
      registry: { chatty: { ...chatty, needs: shown.length > 0 ? ['process'] : [] } },
      serveVariables: async (_variables, show) => {
        for (const each of shown) show(each);
        return { environment: {}, [Symbol.asyncDispose]: async () => {} };
      },
      platform: new SimulatedMachine({ disks: [] }).start('pe'),
      content: contentOf([]),
      log: (message) => said.push(message),
      onProgress: ({ detail }) => said.push(detail ?? ''),
    },
    new AbortController().signal,
  );
  return { outcome, said };
}

describe('a secret that a step repeats', () => {
  it.each([false, true])(
    'M11 reaches no log, progress or event (step fails: %s)',
    async (fails) => {
      const { outcome, said } = await run(fails);
      expect(said).toHaveLength(2);
      expect(outcome.succeeded).toBe(!fails);
      expect(outcome.variables).toEqual([
        { name: 'Output', value: 'said login ********', secret: false },
      ]);
      expect(JSON.stringify([outcome, said])).not.toContain(SECRET);
      expect(JSON.stringify([outcome, said])).toContain('login ');
    },
  );
});

it('M11 what a script shows is progress or a line of the log, its secrets hidden', async () => {
  const { said } = await run(false, [
    { what: 'close', title: '', text: '' },
    { what: 'progress', title: 'Copying', text: SECRET, step: 1, steps: 4 },
    { what: 'progress', title: '', text: 'x'.repeat(400), step: 3, steps: 4 },
    { what: 'error', title: 'Title', text: 'It broke' },
  ]);
  expect(said.slice(0, 3)).toEqual([
    'Copying: ******** (1/4)',
    `${'x'.repeat(294)} (3/4)`,
    'A script shows an error: Title: It broke',
  ]);
});

it('a secret is hidden in an error before its text is cut, and the text is cut all the same', () => {
  const hide = (text: string): string => text.replaceAll(SECRET, 'h'.repeat(50));
  const { message } = runErrorOf(new Error(`${'x'.repeat(3990)}${SECRET}`), hide);
  expect(message).toHaveLength(4000);
  expect(message).not.toContain(SECRET.slice(0, 3));
  expect(runErrorOf(new Error(SECRET.repeat(300)), hide).message).toHaveLength(4000);
});
