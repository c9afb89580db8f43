import { describe, expect, it } from 'vitest';
import { next } from './engine.ts';
import { playLive, traceOf } from './testing/live.ts';
import { type Attempt, runModel, type Story, type WrittenNode } from './testing/model.ts';
import { child, fold, group, play, sequence, step, when } from './testing/play.ts';

const failing = (code: number): Attempt => ({ code, succeeded: false, variables: {} });
const story = (attempts: Readonly<Record<string, Attempt>>): Story => ({
  attempts: Object.fromEntries(Object.entries(attempts).map(([id, attempt]) => [id, [attempt]])),
  variables: {},
  refusedRestart: 0,
});
/** Which of the switches are on: bit 0 is the first. */
const switches = (bits: number, count: number) =>
  Array.from({ length: count }, (_, index) => (bits & (1 << index)) !== 0);

describe('M09 the table of two groups and six steps, in all its variations', () => {
  /** Group 1 with steps 1 to 3, group 2 with 4 to 6; who continues on error: the groups, then the steps. */
  function table([group1, group2, ...steps]: readonly (boolean | undefined)[]): WrittenNode[] {
    const numbered = steps.map((continueOnError, index) =>
      step(`Step ${index + 1}`, { continueOnError }),
    );
    return [
      group('Group 1', numbered.slice(0, 3), { continueOnError: group1 }),
      group('Group 2', numbered.slice(3), { continueOnError: group2 }),
    ];
  }
  const ids = ['0/0', '0/1', '0/2', '1/0', '1/1', '1/2'];
  const attemptsOf = (failed: readonly boolean[]) =>
    Object.fromEntries(ids.flatMap((id, at) => (failed[at] ? [[id, failing(at + 1)]] : [])));

  it('holds for each of the 256 ways to continue on error, whichever steps fail', () => {
    let failedRuns = 0;
    for (let bits = 0; bits < 256; bits++) {
      const written = table(switches(bits, 8));
      const document = sequence(...written);
      for (let fails = 0; fails < 64; fails++) {
        const told = story(attemptsOf(switches(fails, 6)));
        const { facts } = playLive(document, told);
        const model = runModel(written, told);
        const end = facts.at(-1);
        if (end?.kind !== 'run-finished' || end.code !== model.code)
          throw new Error(`${bits}/${fails}: ended with ${JSON.stringify(end)}, not ${model.code}`);
        if (traceOf(facts).join() !== model.trace.join())
          expect({ bits, fails, trace: traceOf(facts) }).toEqual({ bits, fails, ...model });
        if (model.code !== 0) failedRuns += 1;
      }
    }
    expect(failedRuns).toBe(failuresByCounting());
  });

  /** A group fails when a step of it fails that does not continue on error; so the model is not its own judge. */
  function failuresByCounting(): number {
    let count = 0;
    for (let bits = 0; bits < 256; bits++)
      for (let fails = 0; fails < 64; fails++) {
        const [group1, group2, ...tolerant] = switches(bits, 8);
        const fatal = switches(fails, 6).map((failed, at) => failed && tolerant[at] !== true);
        const first = fatal.slice(0, 3).includes(true) && group1 !== true;
        const second = fatal.slice(3).includes(true) && group2 !== true;
        if (first || second) count += 1;
      }
    return count;
  }

  it.each([
    ['step 1 fails: step 2 runs', [1], [1, 2, 3, 4, 5, 6], 0],
    ['step 2 fails: step 3 does not run, step 4 does', [2], [1, 2, 4, 5, 6], 0],
    ['step 3 fails: group 2 runs', [3], [1, 2, 3, 4, 5, 6], 0],
    ['step 4 fails: nothing more runs', [4], [1, 2, 3, 4], 4],
    ['step 5 fails: nothing more runs', [5], [1, 2, 3, 4, 5], 5],
    ['step 6 fails: the sequence fails all the same', [6], [1, 2, 3, 4, 5, 6], 6],
    ['steps 1 and 2 fail: both are tolerated', [1, 2], [1, 2, 4, 5, 6], 0],
    ['steps 2 and 5 fail: the second ends the run', [2, 5], [1, 2, 4, 5], 5],
  ] as const)('%s', (_name, failed, ran, code) => {
    const document = sequence(...table(switches(0b101, 8)));
    const failures = ids.map((_, at) => failed.some((number) => number === at + 1));
    const { facts, state } = playLive(document, story(attemptsOf(failures)));
    const started = facts.flatMap((fact) => (fact.kind === 'step-started' ? fact.name : []));
    expect(started).toEqual(ran.map((number) => `Step ${number}`));
    expect(facts.at(-1)).toMatchObject({ kind: 'run-finished', code });
    expect(state.result?.succeeded).toBe(code === 0);
  });
});

describe('M04 M05 one after another, to the end', () => {
  it('starts no step before the one before it has finished, through groups and children', () => {
    const document = sequence(
      step('A'),
      group('G', [step('B'), child('C', [step('D'), group('H', [step('E')])])]),
      step('F'),
    );
    const again = { variables: { SMSTSRebootRequested: 'WinPE', SMSTSRetryRequested: 'true' } };
    const { facts } = play(document, { B: [again, 0], E: { restart: 'pe' } });
    const running = new Set<string>();
    let most = 0;
    for (const fact of facts) {
      if (fact.kind === 'step-started') running.add(fact.stepId);
      if (fact.kind === 'step-finished') expect(running.delete(fact.stepId)).toBe(true);
      most = Math.max(most, running.size);
    }
    expect(most).toBe(1);
    const finished = facts.flatMap((fact) => (fact.kind === 'step-finished' ? fact.name : []));
    expect(finished).toEqual(['A', 'B', 'B', 'D', 'E', 'F']);
  });

  it('is complete without a step that was to run: skipped is not failed', () => {
    const document = sequence(
      group('G', [step('A')], { disabled: true }),
      step('B', { condition: when('Gone', 'exists') }),
    );
    const { trace } = play(document);
    expect(trace).toEqual(['skip G', 'skip B', 'succeeded']);
  });
});

describe('M08 the condition of a group', () => {
  const written = [
    group('G', [step('A'), step('B', { condition: when('X', 'equals', '2') }), step('C')], {
      condition: when('X', 'equals', '1'),
    }),
    step('D'),
  ];
  const decided = (facts: readonly { kind: string; stepId?: string | null }[]) =>
    facts.flatMap(({ kind, stepId }) => (kind === 'condition-answered' ? stepId : []));

  it('is decided once on entry, not between its children, nor after a restart', () => {
    const turned = { code: 3010, succeeded: true, restart: 'pe', variables: { X: '2' } } as const;
    const { trace, facts } = play(sequence(...written), { A: turned }, { X: '1' });
    expect(trace).toEqual([
      'enter G',
      'run A',
      'restart pe',
      'run B',
      'run C',
      'leave G',
      'run D',
      'succeeded',
    ]);
    expect(decided(facts)).toEqual(['0', '0/1']);
  });

  it('M56 is not decided again after a power cut, once its answer is in the journal', () => {
    const told: Story = {
      attempts: { '0/0': [{ code: 0, succeeded: true, variables: { X: '2' } }] },
      variables: { X: '1' },
      refusedRestart: 0,
    };
    const whole = playLive(sequence(...written), told).facts.length;
    for (let after = 3; after < whole; after++) {
      const { facts } = playLive(sequence(...written), told, {
        cuts: [{ after, kept: true, astray: false }],
      });
      expect(decided(facts)).toEqual(['0', '0/1']);
      expect(traceOf(facts)).toContain('run 0/2 0 ok');
    }
  });

  it('that is false leaves the children alone: none of their conditions is decided', () => {
    const { trace, facts } = play(sequence(...written), {}, { X: '3' });
    expect(trace).toEqual(['skip G', 'run D', 'succeeded']);
    expect(decided(facts)).toEqual(['0']);
  });

  it('M03 of a disabled group, of what it holds, or after a failure is never decided', () => {
    const conditioned = { condition: when('X', 'notExists') };
    const document = sequence(
      group('off', [step('A', conditioned)], { ...conditioned, disabled: true }),
      group('G', [step('B'), step('C', conditioned), group('H', [], conditioned)], {
        continueOnError: true,
      }),
    );
    const { facts } = play(document, { B: 1 });
    expect(decided(facts)).toEqual([]);
  });
});

describe('M10 a child sequence', () => {
  const document = sequence(
    child('Child', [step('A', { condition: when('X', 'equals', 'parent') }), step('B')], {
      condition: when('Run', 'equals', 'yes'),
      continueOnError: true,
    }),
    step('C', { condition: when('X', 'equals', 'child') }),
  );

  it('sees what its parent has set, and what it sets stays', () => {
    const { trace, state } = play(
      document,
      { A: { variables: { X: 'child', New: '1' } } },
      { Run: 'yes', X: 'parent' },
    );
    expect(trace).toEqual(['enter Child', 'run A', 'run B', 'leave Child', 'run C', 'succeeded']);
    expect(state.variables.value('New')).toBe('1');
    expect(state.variables.value('_SMSTSLastActionName')).toBe('C');
  });

  it('has its condition and Continue on error as a group has', () => {
    expect(play(document).trace).toEqual(['skip Child', 'skip C', 'succeeded']);
    const { trace } = play(document, { A: 9 }, { Run: 'yes', X: 'parent' });
    expect(trace).toEqual(['enter Child', 'run A', 'abort Child', 'skip C', 'succeeded']);
    const strict = sequence(child('Child', [step('A'), step('B')]), step('C'));
    expect(play(strict, { A: 9 }).trace).toEqual([
      'enter Child',
      'run A',
      'abort Child',
      'failed 9',
    ]);
  });

  it('M11 counts its steps in the total, not the step that runs it', () => {
    expect(document.stepCount).toBe(3);
  });
});

describe('M03 M11 behaviour of results and variables', () => {
  it('a step that sets a variable to nothing has deleted it: exists is false', () => {
    const document = sequence(
      step('A'),
      step('B', { condition: when('X', 'exists') }),
      step('C', { condition: when('X', 'notEquals', '1') }),
    );
    const { trace } = play(document, { A: { variables: { X: '' } } }, { X: '1' });
    expect(trace).toEqual(['run A', 'skip B', 'run C', 'succeeded']);
  });

  it('SMSTSRetryRequested runs the same step once for each request, also when it is tolerated', () => {
    const again = { SMSTSRebootRequested: 'HD', SMSTSRetryRequested: 'true' };
    const document = sequence(step('A', { continueOnError: true }), step('B'));
    const { trace } = play(document, { A: [{ code: 1, variables: again }, 0] });
    expect(trace).toEqual(['run A', 'restart disk', 'run A', 'run B', 'succeeded']);
  });

  it('a request of a step that failed counts after the next one, in a group that goes on', () => {
    const document = sequence(group('G', [step('A')], { continueOnError: true }), step('B'));
    const { trace } = play(document, { A: { code: 1, variables: { SMSTSRebootRequested: 'HD' } } });
    expect(trace).toEqual(['enter G', 'run A', 'abort G', 'run B', 'restart disk', 'succeeded']);
  });

  it('groups leave the last action as it was', () => {
    const document = sequence(
      group('G', [step('A')], { continueOnError: true }),
      step('B', { condition: when('_SMSTSLastActionName', 'equals', 'A') }),
    );
    expect(play(document, { A: 5 }).trace.at(-2)).toBe('run B');
  });
});

describe('M07 what nothing forgives', () => {
  const tolerant = sequence(
    group('G', [child('H', [step('A', { continueOnError: true })], { continueOnError: true })], {
      continueOnError: true,
    }),
    step('B', { continueOnError: true }),
  );

  it.each([
    ['asked for by exit code 3010', { code: 3010, succeeded: true, variables: {}, restart: 'pe' }],
    [
      'asked for by SMSTSRebootRequested',
      { code: 0, succeeded: true, variables: { SMSTSRebootRequested: 'HD' } },
    ],
    [
      'of a step that failed and was tolerated',
      { code: 5, succeeded: false, variables: {}, restart: 'disk' },
    ],
  ] satisfies [string, Attempt][])(
    'M33 a restart with nothing to come back to, %s',
    (_, attempt) => {
      const told = { ...story({ '0/0/0': attempt }), refusedRestart: 1 };
      const { facts, state } = playLive(tolerant, told);
      expect(traceOf(facts).at(-1)).toMatch(/^run 0\/0\/0/);
      expect(facts.at(-1)).toMatchObject({ kind: 'run-finished', succeeded: false });
      expect(state.result?.error?.code).toBe('restart.no-partition');
    },
  );

  it('M56 a step that was cut off and may not be run twice', () => {
    const once = sequence(step('A', { type: 'act-once', continueOnError: true }), step('B'));
    const { facts, state } = playLive(once, story({ 0: 'cut' }));
    expect(traceOf(facts)).toEqual(['cut 0']);
    expect(state.result?.error?.code).toBe('run.interrupted');
    expect(next(once, fold(facts))).toEqual({ kind: 'done' });
  });
});
