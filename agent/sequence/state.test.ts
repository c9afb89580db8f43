import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type RunFact, StepId } from '#agent/protocol/run-event.ts';
import { initialState, reduce } from './state.ts';
import {
  fold,
  group,
  play,
  type Result,
  sequence,
  started,
  step,
  toEvents,
} from './testing/play.ts';

const a = StepId.parse('0');

describe('M56 the state of a run', () => {
  const name = fc.constantFrom('A', 'B', 'C', 'D');
  const flags = fc.record({ disabled: fc.boolean(), continueOnError: fc.boolean() });
  const leaf = fc.tuple(name, flags).map(([name, more]) => step(name, more));
  const document = fc
    .array(
      fc.oneof(
        leaf,
        fc
          .tuple(fc.array(leaf, { maxLength: 3 }), flags)
          .map(([steps, more]) => group('G', steps, more)),
      ),
      { minLength: 1, maxLength: 5 },
    )
    .map((nodes) => sequence(...nodes));
  const result: fc.Arbitrary<Result> = fc.constantFrom<Result[]>(
    0,
    5,
    { restart: 'pe' },
    { variables: { SMSTSRebootRequested: 'HD', X: '1' } },
    { code: 5, succeeded: true },
  );
  const results = fc.dictionary(name, result);

  it('is the same from any prefix of its journal, gone on with', () => {
    fc.assert(
      fc.property(document, results, fc.nat(), (document, results, cut) => {
        const { facts, state } = play(document, results);
        const events = toEvents(facts);
        const at = cut % (events.length + 1);
        const before = events.slice(0, at).reduce(reduce, initialState());
        const frozen = JSON.stringify([before, [...before.variables]]);
        const after = events.slice(at).reduce(reduce, before);
        expect([after, [...after.variables]]).toEqual([state, [...state.variables]]);
        // What was folded from is not changed by folding on.
        expect(JSON.stringify([before, [...before.variables]])).toBe(frozen);
      }),
    );
  });

  it('ends every run, each enabled step run once at most', () => {
    fc.assert(
      fc.property(document, results, (document, results) => {
        const { facts, state } = play(document, results);
        expect(state.phase).toBe('finished');
        const ran = facts.flatMap((fact) => (fact.kind === 'step-started' ? fact.stepId : []));
        expect(new Set(ran).size).toBe(ran.length);
        if (state.result?.succeeded === true && facts.every(({ kind }) => kind !== 'group-left'))
          expect(ran).toHaveLength(document.stepCount);
      }),
    );
  });
});

describe('M56 events out of order are refused', () => {
  const begun: RunFact = { kind: 'step-started', stepId: a, name: 'A', attempt: 1 };
  const ended: RunFact & { kind: 'step-finished' } = {
    kind: 'step-finished',
    stepId: a,
    name: 'A',
    attempt: 1,
    code: 0,
    succeeded: true,
    variables: [],
    durationMs: 1,
  };
  const over: RunFact = { kind: 'run-finished', succeeded: true, code: 0, next: 'disk' };

  it.each([
    { name: 'nothing before run-started', facts: [begun] },
    { name: 'run-started twice', facts: [started(), started()] },
    { name: 'a step finished that never started', facts: [started(), ended] },
    { name: 'another attempt finished', facts: [started(), begun, { ...ended, attempt: 2 }] },
    { name: 'two steps at once (M04)', facts: [started(), begun, begun] },
    { name: 'anything after the end', facts: [started(), over, begun] },
  ])('$name', ({ facts }) => {
    expect(() => fold(facts)).toThrow(expect.objectContaining({ code: 'run.event-order' }));
  });

  it('a gap in seq', () => {
    const [first, second] = toEvents([started(), begun]);
    const gap = [first, second && { ...second, seq: 3 }].flatMap((event) => event ?? []);
    expect(() => gap.reduce(reduce, initialState())).toThrow(
      expect.objectContaining({ code: 'run.event-order' }),
    );
  });

  it('an environment that no agent runs in', () => {
    const lost: RunFact = { kind: 'resumed', environment: 'moon', from: 'journal' };
    expect(() => fold([started(), lost])).toThrow(
      expect.objectContaining({ code: 'run.environment' }),
    );
  });
});
