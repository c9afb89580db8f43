import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RunEvent, type RunFact } from '#agent/protocol/run-event.ts';
import { next } from './engine.ts';
import { SequenceError } from './sequence-error.ts';
import { initialState, type RunState, reduce } from './state.ts';
import { type LiveRun, playLive, traceOf } from './testing/live.ts';
import { type ModelRun, runModel } from './testing/model.ts';
import { fold, sequence, toEvents } from './testing/play.ts';
import { cases, cuts, darkCases } from './testing/stories.ts';

/** `METALWRIGHT_PROPERTY_RUNS=20000` looks longer. */
const given = Number(process.env['METALWRIGHT_PROPERTY_RUNS']);
const runs = (few: number) => ({ numRuns: given > 0 ? given : few });

/** What a run comes to, in the words of the model. */
function summary({ facts, state }: LiveRun): ModelRun {
  const last = facts.at(-1);
  return {
    trace: traceOf(facts),
    variables: variablesOf(state),
    code: last?.kind === 'run-finished' ? last.code : -1,
  };
}
function variablesOf({ variables }: RunState): ReadonlyMap<string, string> {
  return new Map([...variables].map(({ name, value }) => [name.toLowerCase(), value]));
}

/** The numbers under which each step was tried. */
function attemptsOf(facts: readonly RunFact[]): readonly number[][] {
  const started = facts.filter((fact) => fact.kind === 'step-started');
  const steps = Map.groupBy(started, ({ stepId }) => stepId);
  return [...steps.values()].map((facts) => facts.map(({ attempt }) => attempt));
}

describe('M03 M04 M05 M07 M08 M09 M10 the engine against the written rules', () => {
  it('does what they say: order, conditions, errors, restarts, variables', () => {
    fc.assert(
      fc.property(cases, ({ written, story }) => {
        expect(summary(playLive(sequence(...written), story))).toEqual(runModel(written, story));
      }),
      runs(150),
    );
  });

  it('M56 does what they say where the power goes in the middle of steps', () => {
    fc.assert(
      fc.property(darkCases, ({ written, story }) => {
        expect(summary(playLive(sequence(...written), story))).toEqual(runModel(written, story));
      }),
      runs(100),
    );
  });

  it('M56 does the same where the power goes at any fact, but for the steps that it cuts', () => {
    fc.assert(
      fc.property(cases, cuts, ({ written, story }, cuts) => {
        const model = runModel(written, story);
        const live = playLive(sequence(...written), story, { cuts });
        const { trace, variables, code } = summary(live);
        for (const attempts of attemptsOf(live.facts))
          expect(attempts).toEqual(attempts.map((_, index) => index + 1));
        const done = trace.filter((line) => !line.startsWith('cut'));
        if (code === 0x800704c7) {
          const cut = trace.at(-1)?.replace('cut', 'run');
          expect(done).toEqual(model.trace.slice(0, done.length));
          expect(model.trace[done.length]).toMatch(new RegExp(`^${cut} `));
        } else expect({ trace: done, variables, code }).toEqual(model);
      }),
      runs(150),
    );
  });
});

describe('M56 a journal', () => {
  it('gives from every prefix the state and the ask that the live run had', () => {
    fc.assert(
      fc.property(darkCases, cuts, ({ written, story }, cuts) => {
        const document = sequence(...written);
        const { facts, asks } = playLive(document, story, { cuts });
        const lines = toEvents(facts).map((event) => JSON.stringify(event));
        // Of what a power cut took back, the last time counts.
        const last = new Map(asks.map((asked) => [asked.facts, asked]));
        for (const [count, { state, ask }] of last) {
          const replayed = lines
            .slice(0, count)
            .map((line) => RunEvent.parse(JSON.parse(line)))
            .reduce(reduce, initialState());
          expect(replayed).toEqual(state);
          expect(variablesOf(replayed)).toEqual(variablesOf(state));
          const again = next(document, replayed);
          expect(again).toEqual(ask);
        }
      }),
      runs(30),
    );
  });

  const mutation = fc.record({
    kind: fc.constantFrom('drop', 'swap', 'repeat', 'move'),
    at: fc.nat(),
    to: fc.nat(),
  });
  it('in another order is refused, or the run ends all the same', () => {
    let refused = 0;
    fc.assert(
      fc.property(
        cases,
        fc.array(mutation, { minLength: 1, maxLength: 3 }),
        ({ written, story }, mutations) => {
          const document = sequence(...written);
          const facts = mutations.reduce(mutate, playLive(document, story).facts);
          try {
            const { state } = playLive(document, story, { from: facts });
            expect(state.phase).toBe('finished');
          } catch (error) {
            if (!(error instanceof SequenceError)) throw error;
            expect(error.code).toBe('run.event-order');
            refused += 1;
          }
        },
      ),
      runs(100),
    );
    expect(refused).toBeGreaterThan(0);
  });

  it('M04 with anything between the start of a step and its end is refused', () => {
    fc.assert(
      fc.property(cases, fc.nat(), fc.nat(), ({ written, story }, which, what) => {
        const { facts } = playLive(sequence(...written), story);
        const starts = facts.flatMap(({ kind }, at) => (kind === 'step-started' ? at : []));
        const others = facts.filter(({ kind }) => !mayFollowStart.has(kind));
        const at = starts[which % starts.length];
        const other = others[what % others.length];
        if (at === undefined || other === undefined) return;
        const spoilt = [...facts.slice(0, at + 1), other];
        expect(() => fold(spoilt)).toThrow(expect.objectContaining({ code: 'run.event-order' }));
      }),
      runs(100),
    );
  });
});

/** The end of the step, and what a power cut or a refusal may lead to. */
const mayFollowStart: ReadonlySet<RunFact['kind']> = new Set([
  'step-finished',
  'step-interrupted',
  'resumed',
  'restart-requested',
  'restart-refused',
  'run-finished',
]);

function mutate(
  facts: readonly RunFact[],
  { kind, at, to }: { kind: string; at: number; to: number },
): readonly RunFact[] {
  const one = at % facts.length;
  const other = to % facts.length;
  const changed = [...facts];
  const [first, second] = [facts[one], facts[other]];
  if (first === undefined || second === undefined || facts.length < 2) return facts;
  if (kind === 'drop') changed.splice(one, 1);
  if (kind === 'repeat') changed.splice(other, 0, first);
  if (kind === 'swap') [changed[one], changed[other]] = [second, first];
  if (kind === 'move') changed.splice(other, 0, ...changed.splice(one, 1));
  return changed;
}
