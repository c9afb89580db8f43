import { describe, expect, it } from 'vitest';
import { StepId } from '#agent/protocol/run-event.ts';
import { countSteps, next, stepPosition } from './engine.ts';
import { fold, group, play, type Result, sequence, started, step, when } from './testing/play.ts';

const first = StepId.parse('0');
const unfinished = (attempt: number) =>
  ({ kind: 'step-started', stepId: first, name: 'A', attempt }) as const;
const resumed = (environment: string) =>
  ({ kind: 'resumed', environment, from: 'journal' }) as const;

describe('the order of steps', () => {
  it('M04 runs them strictly one after another, M05 until all are complete', () => {
    const { trace, state } = play(sequence(step('A'), step('B'), step('C')));
    expect(trace).toEqual(['run A', 'run B', 'run C', 'succeeded']);
    expect(state).toMatchObject({ phase: 'finished', result: { succeeded: true } });
  });

  it('M05 M07 ends with the first failed step, and with its code', () => {
    const { trace, state } = play(sequence(step('A'), step('B'), step('C')), { B: 5 });
    expect(trace).toEqual(['run A', 'run B', 'failed 5']);
    expect(state.result?.error).toMatchObject({ code: 'step.exit-code' });
  });

  it('M07 goes on after a failed step that continues on error', () => {
    const { trace } = play(sequence(step('A', { continueOnError: true }), step('B')), { A: 5 });
    expect(trace).toEqual(['run A', 'run B', 'succeeded']);
  });

  it('M08 nests groups and mixes them with steps; names need not be unique', () => {
    const document = sequence(
      group('G', [step('A'), group('G', [step('A')]), group('empty', []), step('B')]),
      step('C'),
    );
    expect(play(document).trace).toEqual([
      'enter G',
      'run A',
      'enter G',
      'run A',
      'leave G',
      'enter empty',
      'leave empty',
      'run B',
      'leave G',
      'run C',
      'succeeded',
    ]);
  });

  it('M08 takes the condition of a group once, before going in', () => {
    const document = sequence(
      group('G', [step('A'), step('B')], { condition: when('X', 'equals', '1') }),
      step('C'),
    );
    expect(play(document, { A: { variables: { X: '2' } } }, { X: '1' }).trace).toEqual([
      'enter G',
      'run A',
      'run B',
      'leave G',
      'run C',
      'succeeded',
    ]);
    expect(play(document).trace).toEqual(['skip G', 'run C', 'succeeded']);
  });

  it('M03 never decides the condition of a disabled group', () => {
    const document = sequence(
      group('G', [step('A')], { disabled: true, condition: when('X', 'exists') }),
      step('B', { disabled: true }),
      step('C'),
    );
    const { trace, facts } = play(document);
    expect(trace).toEqual(['skip G', 'skip B', 'run C', 'succeeded']);
    expect(facts.filter(({ kind }) => kind === 'condition-answered')).toEqual([]);
  });
});

describe('M09 the table of two groups and six steps', () => {
  const document = sequence(
    group('Group 1', [step('Step 1', { continueOnError: true }), step('Step 2'), step('Step 3')], {
      continueOnError: true,
    }),
    group('Group 2', [step('Step 4'), step('Step 5'), step('Step 6')]),
  );
  const ran = (results: Record<string, Result>) => {
    const { trace } = play(document, results);
    return trace.filter((line) => !/^(enter|leave|abort)/.test(line));
  };

  it('step 1 fails: step 2 runs', () => {
    expect(ran({ 'Step 1': 1 })).toEqual([
      ...[1, 2, 3, 4, 5, 6].map((number) => `run Step ${number}`),
      'succeeded',
    ]);
  });
  it('step 2 fails: step 3 does not run, group 1 is tolerated, step 4 runs', () => {
    expect(ran({ 'Step 2': 2 })).toEqual([
      ...[1, 2, 4, 5, 6].map((number) => `run Step ${number}`),
      'succeeded',
    ]);
  });
  it('step 4 fails: nothing more runs, the sequence fails', () => {
    expect(ran({ 'Step 4': 4 })).toEqual([
      ...[1, 2, 3, 4].map((number) => `run Step ${number}`),
      'failed 4',
    ]);
  });
});

describe('M09 failure on its way up', () => {
  it('skips the rest of the outer group that continues on error', () => {
    const document = sequence(
      group('outer', [group('inner', [step('A'), step('B')]), step('C')], {
        continueOnError: true,
      }),
      step('D'),
    );
    expect(play(document, { A: 7 }).trace).toEqual([
      'enter outer',
      'enter inner',
      'run A',
      'abort inner',
      'abort outer',
      'run D',
      'succeeded',
    ]);
  });

  it('is tolerated by the inner group: the next child of the outer one runs', () => {
    const document = sequence(
      group('outer', [group('inner', [step('A')], { continueOnError: true }), step('B')]),
    );
    expect(play(document, { A: 7 }).trace).toEqual([
      'enter outer',
      'enter inner',
      'run A',
      'abort inner',
      'run B',
      'leave outer',
      'succeeded',
    ]);
  });

  it('of a later step is what the run fails with, not the one that was tolerated', () => {
    const document = sequence(step('A', { continueOnError: true }), step('B'));
    expect(play(document, { A: 5, B: 6 }).trace).toEqual(['run A', 'run B', 'failed 6']);
  });
});

describe('M03 what the last action left', () => {
  const tolerated = step('A', { continueOnError: true });
  const onFailure = { condition: when('_SMSTSLastActionSucceeded', 'equals', 'false') };

  it('is seen by the next condition', () => {
    const document = sequence(
      tolerated,
      step('B', onFailure),
      step('C', { condition: when('SMSTSLastActionRetCode', 'equals', '5') }),
    );
    expect(play(document, { A: 5 }).trace).toEqual(['run A', 'run B', 'skip C', 'succeeded']);
    expect(play(document, { A: 5, B: { code: 5, succeeded: true } }).trace).toContain('run C');
  });

  it('is not changed by skipped steps', () => {
    const document = sequence(
      tolerated,
      step('off', { disabled: true }),
      step('never', { condition: when('X', 'exists') }),
      step('B', onFailure),
    );
    const { trace } = play(document, { A: 5 });
    expect(trace).toEqual(['run A', 'skip off', 'skip never', 'run B', 'succeeded']);
  });

  it('M11 has name, code and success, by the success codes and not by continue on error', () => {
    const { state } = play(sequence(step('A')), { A: { code: 5, succeeded: true } });
    const value = (name: string) => state.variables.value(name);
    expect(value('_SMSTSLastActionName')).toBe('A');
    expect(value('_SMSTSLastActionRetCode')).toBe('5');
    expect(value('_SMSTSLastActionSucceeded')).toBe('true');
    expect(value('_SMSTSCurrentActionName')).toBe('A');
    expect(value('_SMSTSInWinPE')).toBe('true');
  });
});

describe('M11 variables in params', () => {
  it('are put in with their value of that moment; an unknown one becomes empty and is told', () => {
    const document = sequence(step('A', { params: { text: '%x%-%Gone%-100%' } }));
    expect(next(document, fold([started({ X: 'one' })]))).toMatchObject({
      kind: 'step',
      params: { text: 'one--100%' },
      unknownVariables: ['Gone'],
    });
  });
});

describe('restarts', () => {
  const document = sequence(step('A'), step('B'));

  it('exit code 3010: restarts, goes on at the next step, keeps variables', () => {
    const { trace, state } = play(document, {
      A: { code: 3010, succeeded: true, restart: 'pe', variables: { X: '1' } },
    });
    expect(trace).toEqual(['run A', 'restart pe', 'run B', 'succeeded']);
    expect(state.variables.value('X')).toBe('1');
    expect(state.variables.value('_SMSTSInWinPE')).toBe('true');
  });

  it('SMSTSRebootRequested leads to the disk or the PE, once', () => {
    const request = (target: string) => ({ A: { variables: { SMSTSRebootRequested: target } } });
    const { trace, state } = play(document, request('HD'));
    expect(trace).toEqual(['run A', 'restart disk', 'run B', 'succeeded']);
    expect(state.variables.value('_SMSTSInWinPE')).toBe('false');
    expect(play(document, request('WinPE')).trace).toContain('restart pe');
  });

  it('SMSTSRetryRequested runs the same step again, once a request', () => {
    const again = { variables: { SMSTSRebootRequested: 'HD', SMSTSRetryRequested: 'true' } };
    const { trace } = play(document, { A: [again, again, 0] });
    expect(trace).toEqual([
      'run A',
      'restart disk',
      'run A',
      'restart disk',
      'run A',
      'run B',
      'succeeded',
    ]);
  });

  it('SMSTSRetryRequested alone has no effect', () => {
    const { trace } = play(document, { A: { variables: { SMSTSRetryRequested: 'true' } } });
    expect(trace).toEqual(['run A', 'run B', 'succeeded']);
  });

  it('failure wins over a wish to restart, unless the step continues on error', () => {
    const failing = { A: { code: 5, succeeded: false, restart: 'pe' } } as const;
    expect(play(document, failing).trace).toEqual(['run A', 'failed 5']);
    const tolerant = sequence(step('A', { continueOnError: true }), step('B'));
    expect(play(tolerant, failing).trace).toEqual(['run A', 'restart pe', 'run B', 'succeeded']);
  });

  it('waits as long as the sequence says', () => {
    const delays = { SMSTSRebootDelay: '30', SMSTSRebootDelayNext: '5' };
    const wish = { variables: { SMSTSRebootRequested: 'HD' } };
    const { facts } = play(document, { A: wish, B: wish }, delays);
    const waited = facts.flatMap((fact) => (fact.kind === 'restart-requested' ? fact.delayMs : []));
    expect(waited).toEqual([30_000, 5000]);
  });

  it('M33 fails the run when it is refused, whatever continues on error', () => {
    const tolerant = sequence(
      group('G', [step('A', { continueOnError: true })], { continueOnError: true }),
      step('B'),
    );
    const { facts } = play(tolerant, { A: { restart: 'disk' } });
    const asked = facts.findIndex(({ kind }) => kind === 'restart-requested');
    const error = { code: 'restart.no-partition', message: 'no partition' };
    const state = fold([
      ...facts.slice(0, asked),
      { kind: 'restart-refused', next: 'disk', error },
    ]);
    expect(next(tolerant, state)).toMatchObject({
      kind: 'finish',
      fact: { succeeded: false, error },
    });
  });

  it('M56 asks again when the machine comes back elsewhere, three times', () => {
    const requested = { kind: 'restart-requested', next: 'disk', delayMs: 0 } as const;
    const { facts } = play(document, { A: { restart: 'disk' } });
    const before = facts.slice(
      0,
      facts.findIndex(({ kind }) => kind === 'restart-requested'),
    );
    const astray = [requested, resumed('linux-pe')];
    expect(next(document, fold([...before, ...astray]))).toMatchObject({
      kind: 'restart',
      next: 'disk',
    });
    expect(next(document, fold([...before, ...astray, ...astray]))).toMatchObject({
      kind: 'restart',
    });
    const third = fold([...before, ...astray, ...astray, ...astray]);
    expect(next(document, third)).toMatchObject({
      kind: 'finish',
      fact: { succeeded: false, error: { code: 'restart.environment' } },
    });
    const arrived = fold([...before, ...astray, requested, resumed('full-os')]);
    expect(next(document, arrived)).toMatchObject({ kind: 'step', name: 'B' });
  });
});

describe('M56 a power cut that brings the machine up elsewhere', () => {
  const document = sequence(step('A'), step('B'));

  it('leads back to the PE before anything else is done', () => {
    const cut = fold([started(), unfinished(1), resumed('full-os')]);
    expect(next(document, cut)).toMatchObject({ kind: 'restart', next: 'pe' });
    const back = [
      { kind: 'restart-requested', next: 'pe', delayMs: 0 },
      resumed('linux-pe'),
    ] as const;
    const there = fold([started(), unfinished(1), resumed('full-os'), ...back]);
    expect(next(document, there)).toMatchObject({ fact: { kind: 'step-interrupted' } });
  });

  it('leads back first, and then where the step before the cut wishes to restart to', () => {
    const { facts } = play(document, { A: { restart: 'disk' } });
    const finished = facts.slice(0, 1 + facts.findIndex(({ kind }) => kind === 'step-finished'));
    const back = [
      resumed('full-os'),
      { kind: 'restart-requested', next: 'pe', delayMs: 0 },
      resumed('linux-pe'),
    ] as const;
    const there = next(document, fold([...finished, ...back]));
    expect(there).toMatchObject({ kind: 'restart', next: 'disk' });
  });

  it('leads back to the operating system that it ran in', () => {
    const toOs = [
      { kind: 'restart-requested', next: 'disk', delayMs: 0 },
      resumed('full-os'),
    ] as const;
    const cut = fold([started(), ...toOs, resumed('linux-pe')]);
    expect(next(document, cut)).toMatchObject({ kind: 'restart', next: 'disk' });
  });
});

describe('M56 an interrupted step', () => {
  const repeatable = sequence(step('A'), step('B'));
  const once = sequence(step('A', { type: 'act-once', continueOnError: true }), step('B'));

  it('is run again with the next attempt when it may be', () => {
    const facts = [started(), unfinished(1), resumed('linux-pe')];
    const ask = next(repeatable, fold(facts));
    expect(ask).toEqual({
      kind: 'record',
      fact: { kind: 'step-interrupted', stepId: '0', name: 'A', attempt: 1, again: true },
    });
    if (ask.kind !== 'record') return;
    expect(next(repeatable, fold([...facts, ask.fact]))).toMatchObject({
      kind: 'step',
      name: 'A',
      attempt: 2,
    });
  });

  it('ends the run when it may not be, even if it continues on error', () => {
    const facts = [started(), unfinished(1), resumed('linux-pe')];
    const ask = next(once, fold(facts));
    expect(ask).toMatchObject({ fact: { kind: 'step-interrupted', again: false } });
    if (ask.kind !== 'record') return;
    expect(next(once, fold([...facts, ask.fact]))).toMatchObject({
      kind: 'finish',
      fact: {
        succeeded: false,
        error: { code: 'run.interrupted', message: expect.stringContaining('"A"') },
      },
    });
  });

  it('follows what the document says of its retry', () => {
    const after = (retryIfInterrupted: boolean | number, attempt: number) =>
      next(
        sequence(step('A', { type: 'act-once', retryIfInterrupted })),
        fold([started(), unfinished(attempt), resumed('linux-pe')]),
      );
    expect(after(true, 1)).toMatchObject({ fact: { again: true } });
    expect(after(false, 1)).toMatchObject({ fact: { again: false } });
    expect(after(2, 2)).toMatchObject({ fact: { again: true } });
    expect(after(2, 3)).toMatchObject({ fact: { again: false } });
  });

  it('ends the run after its last attempt', () => {
    const facts = [started(), unfinished(10), resumed('linux-pe')];
    expect(next(repeatable, fold(facts))).toMatchObject({ fact: { again: false } });
  });
});

describe('a journal that does not fit the document', () => {
  it.each([
    { name: 'another name', facts: [unfinished(1)], document: sequence(step('Z')) },
    {
      name: 'no such step',
      facts: [{ kind: 'step-skipped', stepId: StepId.parse('4/1'), name: 'A', reason: 'disabled' }],
      document: sequence(step('A')),
    },
    {
      name: 'a step that was a group',
      facts: [{ kind: 'group-entered', stepId: first, name: 'A' }],
      document: sequence(step('A')),
    },
  ] as const)('M56 stops the run: $name', ({ facts, document }) => {
    expect(next(document, fold([started(), ...facts]))).toMatchObject({
      kind: 'finish',
      fact: { succeeded: false, error: { code: 'run.document-mismatch' } },
    });
  });
});

describe('progress', () => {
  const document = sequence(
    step('A'),
    group('G', [step('B'), step('off', { disabled: true })]),
    group('off', [step('C')], { disabled: true }),
    step('D'),
  );
  it('counts enabled steps, no groups', () => {
    expect(countSteps(document)).toBe(3);
    const positions = ['0', '1', '1/0', '1/1', '2/0', '3', '9'].map((id) =>
      stepPosition(document, StepId.parse(id)),
    );
    expect(positions).toEqual([1, 0, 2, 0, 0, 3, 0]);
  });
});

it('asks before run-started are refused', () => {
  expect(() => next(sequence(step('A')), fold([]))).toThrow(
    expect.objectContaining({ code: 'run.not-started' }),
  );
});

it('looks at a few nodes for each step, however many there are', () => {
  const count = 10_000;
  let looks = 0;
  const document = sequence(
    ...Array.from({ length: count }, (_, index) =>
      step(`S${index}`, { condition: when('X', 'notExists'), params: { text: '%Y%' } }),
    ),
  );
  const steps = new Proxy(document.steps, {
    get: (target, key) => {
      looks++;
      return Reflect.get(target, key);
    },
  });
  const { state } = play({ ...document, steps });
  expect(state.result?.succeeded).toBe(true);
  expect(looks).toBeLessThan(count * 8);
});
