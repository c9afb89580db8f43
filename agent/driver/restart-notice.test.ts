import { describe, expect, it } from 'vitest';
import { StepId } from '../protocol/run-event.ts';
import { parseTaskSequence } from '../sequence/schema.ts';
import { Variables } from '../sequence/variables.ts';
import { steps } from '../steps/index.ts';
import { countDown, restartMessage } from './restart-notice.ts';

const sequence = parseTaskSequence(
  {
    name: 'T',
    steps: [
      { step: 'Command', type: 'run-command', params: { commandLine: 'true' } },
      { step: 'Restart', type: 'restart', params: { target: 'pe', message: 'Hello %Name%' } },
      { step: 'Mute', type: 'restart', params: { target: 'pe' } },
    ],
  },
  steps,
);
function messageAfter(index: number, values: Readonly<Record<string, string>>, secret = false) {
  const changes = Object.entries(values).map(([name, value]) => ({ name, value, secret }));
  const cursor = { kind: 'skipped', stepId: StepId.parse(String(index)), name: 'x' } as const;
  return restartMessage(sequence, steps, { cursor, variables: Variables.none.setAll(changes) });
}

describe('M11 the notice before a restart', () => {
  it.each([
    ['SMSTSRebootMessage after a step that is no restart', 0, { SMSTSRebootMessage: 'Bye' }, 'Bye'],
    ['nothing where there is none', 0, {}, undefined],
    [
      'the message of a Restart Computer step',
      1,
      { Name: 'PC1', SMSTSRebootMessage: 'Bye' },
      'Hello PC1',
    ],
    ['SMSRebootMessage in its place', 1, { SMSRebootMessage: 'Preset' }, 'Preset'],
    ['nothing of a Restart Computer step without one', 2, { SMSTSRebootMessage: 'Bye' }, undefined],
    [
      'that of the engine where such a step was asked for another restart',
      1,
      { SMSTSRebootMessage: 'Bye', SMSTSRebootRequested: 'HD' },
      'Bye',
    ],
  ])('is %s', (_name, index, values, expected) => {
    expect(messageAfter(index, values)).toBe(expected);
  });

  it('has no secret in it', () => {
    expect(messageAfter(1, { Name: 'hunter2' }, true)).toBe('Hello ********');
  });

  it('counts down to the end, seldom at first', async () => {
    const told: string[] = [];
    let waited = 0;
    await countDown(
      { message: 'Bye.', delayMs: 125_000 },
      (text) => told.push(text),
      new AbortController().signal,
      async (ms) => void (waited += ms),
    );
    expect(waited).toBe(125_000);
    expect(told.map((text) => text.replace('Bye. Restarting in ', ''))).toEqual(
      [125, 120, 60, 50, 40, 30, 20, 10, 9, 8, 7, 6, 5, 4, 3, 2]
        .map((seconds) => `${seconds} seconds`)
        .concat('1 second'),
    );
  });

  it('is not shown where there is no delay', async () => {
    const told: string[] = [];
    await countDown(
      { message: 'Bye', delayMs: 0 },
      (text) => told.push(text),
      new AbortController().signal,
    );
    expect(told).toEqual([]);
  });
});
