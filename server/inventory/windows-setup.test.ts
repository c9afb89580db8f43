import { describe, expect, it } from 'vitest';
import type { NextBoot, RunFact } from '#agent/protocol/run-event.ts';
import { StepId } from '#agent/protocol/run-event.ts';
import { foldRun } from './run.ts';
import { foldWindowsSetup, lostInWindowsSetupMs } from './windows-setup.ts';

const stepId = StepId.parse('0/1');
const finished = (succeeded = true, id = stepId): RunFact => ({
  kind: 'step-finished',
  stepId: id,
  name: 'Setup Windows',
  attempt: 1,
  code: succeeded ? 0 : 1,
  succeeded,
  variables: [],
  durationMs: 1,
});
const restart = (next: NextBoot): RunFact => ({ kind: 'restart-requested', next, delayMs: 0 });
const resumed = (environment: string): RunFact => ({
  kind: 'resumed',
  environment,
  from: 'journal',
});
const other: RunFact = { kind: 'step-started', stepId, name: 'Other', attempt: 1 };

/** A run in PE after these facts. */
function after(facts: readonly RunFact[]) {
  const fresh = {
    state: 'running',
    nextBoot: 'pe',
    error: null,
    endedMs: null,
    windowsSetup: 'none',
  } as const;
  return facts.reduce<Parameters<typeof foldRun>[0] & Parameters<typeof foldWindowsSetup>[0]>(
    (run, fact) => ({
      ...foldRun(run, fact, 0),
      windowsSetup: foldWindowsSetup(run, fact, (id) => id === stepId),
    }),
    fresh,
  );
}

describe('M53 a machine is in Windows Setup', () => {
  it.each([
    ['once it was restarted behind the step', [finished(), restart('disk')], 'entered'],
    ['not before it was restarted', [finished()], 'prepared'],
    ['not behind another step', [finished(true, StepId.parse('0')), restart('disk')], 'none'],
    ['not behind the step when it failed', [finished(false), restart('disk')], 'none'],
    ['not when it goes to PE', [finished(), restart('pe')], 'none'],
    ['no more behind a later step', [finished(), other, restart('disk')], 'none'],
    [
      'still when it came back to PE and was sent again',
      [finished(), restart('disk'), resumed('winpe'), restart('disk')],
      'entered',
    ],
    ['no more in the new Windows', [finished(), restart('disk'), resumed('full-os')], 'none'],
    [
      'not when the new Windows is restarted behind the second half of the step',
      [finished(), restart('disk'), resumed('full-os'), finished(), restart('disk')],
      'none',
    ],
  ] as const)('%s', (_, facts, phase) => {
    expect(after(facts).windowsSetup).toBe(phase);
  });
});

describe('M53 it is lost there', () => {
  const run = {
    state: 'restarting',
    nextBoot: 'disk',
    lastEventMs: 1000,
    windowsSetup: 'entered',
  } as const;
  const lostMs = 1000 + 30 * 60_000;

  it('from the minute on that the site allows it', () => {
    expect(lostInWindowsSetupMs(run, { nowMs: lostMs - 1, lostMinutes: 30 })).toBeNull();
    expect(lostInWindowsSetupMs(run, { nowMs: lostMs, lostMinutes: 30 })).toBe(lostMs);
    expect(lostInWindowsSetupMs(run, { nowMs: lostMs + 9, lostMinutes: 30 })).toBe(lostMs);
  });

  it.each([
    { state: 'failed' },
    { nextBoot: 'pe' },
    { windowsSetup: 'none' },
    { windowsSetup: 'prepared' },
  ] as const)('not with %j', (change) => {
    const at = { nowMs: lostMs, lostMinutes: 30 };
    expect(lostInWindowsSetupMs({ ...run, ...change }, at)).toBeNull();
  });
});
