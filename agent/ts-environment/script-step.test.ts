import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runStep } from '../driver/run-step.ts';
import { runCommand } from '../platform/linux/process.ts';
import { StepId } from '../protocol/run-event.ts';
import { Variables } from '../sequence/variables.ts';
import { contentOf } from '../simulated-machine/content.ts';
import { SimulatedMachine } from '../simulated-machine/machine.ts';
import { steps } from '../steps/index.ts';
import { variableServer } from './serve-variables.ts';

/** Runs one shell script as a step, with a real shell. */
async function runScript(script: string) {
  const folder = await mkdtemp(join(tmpdir(), 'metalwright-ts-test-'));
  try {
    const machine = new SimulatedMachine({ disks: [] }).start('pe');
    const said: string[] = [];
    const outcome = await runStep(
      {
        kind: 'step',
        stepId: StepId.parse('0'),
        name: 'Script',
        type: 'run-command',
        attempt: 1,
        params: { commandLine: `sh -c '${script}'`, outputVariable: 'Output' },
        unknownVariables: [],
        continueOnError: false,
        destructive: false,
        variables: Variables.none.set({ name: 'Password', value: 'correct-horse', secret: true }),
      },
      {
        registry: steps,
        platform: { ...machine, process: { ...machine.process, run: runCommand } },
        content: contentOf([]),
        log: (message) => said.push(message),
        onProgress: () => {},
        serveVariables: variableServer({
          places: [folder],
          agent: [process.execPath, join(import.meta.dirname, '../main.ts')],
          system: 'linux',
          environment: process.env,
        }),
      },
      new AbortController().signal,
    );
    return { outcome, said: said.join('\n') };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

it('M11 keeps what a script has set when its step fails, and hides the secrets it prints', async () => {
  const { outcome, said } = await runScript(
    'P=$(metalwright-ts get password); metalwright-ts set password ""; metalwright-ts set Found $P-2 --secret; ' +
      'echo it was $P, is $P-2; exit 7',
  );
  expect(outcome).toMatchObject({ succeeded: false, code: 7, error: { code: 'step.exit-code' } });
  expect(outcome.variables).toContainEqual({ name: 'password', value: '', secret: false });
  expect(outcome.variables).toContainEqual({
    name: 'Found',
    value: 'correct-horse-2',
    secret: true,
  });
  expect(said).toContain('it was ********, is ********');
  expect(said).not.toContain('horse');
});
