import { expect, it } from 'vitest';
import { RunEvent, type RunFact, StepId } from '#agent/protocol/run-event.ts';
import { historyFaults, stepEnds } from './history.ts';

const runId = '7b2f6f0e-3f0a-4f5e-9c55-9b1f0b3f2a11';
const step = { stepId: StepId.parse('0'), name: 'Format', attempt: 1 };
const started: RunFact = { kind: 'step-started', ...step };
const finished: RunFact = {
  kind: 'step-finished',
  ...step,
  code: 0,
  succeeded: true,
  variables: [],
  durationMs: 1,
};
const interrupted: RunFact = { kind: 'step-interrupted', ...step, again: true };
const ended: RunFact = { kind: 'run-finished', succeeded: true, code: 0, next: 'disk' };
const events = (...facts: RunFact[]) =>
  facts.map((fact, index) => RunEvent.parse({ runId, seq: index + 1, atMs: 0, fact }));

it('M56 finds nothing in a whole history, interrupted once', () => {
  expect(historyFaults(events(started, interrupted, started, finished, ended))).toEqual([]);
});

it.each([
  {
    name: 'a step silently run twice',
    facts: [started, finished, started],
    fault: 'after it finished',
  },
  {
    name: 'a restart without a word of the interruption',
    facts: [started, started],
    fault: 'is open',
  },
  { name: 'an end without a start', facts: [finished], fault: 'open is undefined' },
  { name: 'an event after the end', facts: [ended, started], fault: 'before its last event' },
])('M56 finds $name', ({ facts, fault }) => {
  expect(historyFaults(events(...facts)).join()).toContain(fault);
});

it('M56 finds an event that is missing', () => {
  const [first, second] = events(started, finished);
  expect(historyFaults([first, second].flatMap((one) => (one?.seq === 2 ? [one] : [])))[0]).toBe(
    'event 1 has seq 2',
  );
});

it('tells how steps ended', () => {
  expect(stepEnds(events(started, finished))).toEqual(['Format: ok']);
});
