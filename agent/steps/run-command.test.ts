import { describe, expect, it } from 'vitest';
import { StepError } from '#agent/sequence/step.ts';
import { applyDebian, linuxDisk, runSteps } from './testing/run-step.ts';

const command = (commandLine: string, params: object = {}) => ({
  type: 'run-command',
  params: { commandLine, ...params },
});

const restartToDisk = { type: 'restart', params: { target: 'hd' } };
describe('M02 run-command', () => {
  it('M11 puts variables into the line and into the environment, secrets only into the line', async () => {
    const seen: unknown[] = [];
    const { state } = await runSteps({
      steps: [command('tool --name %Name% "%Pass%"')],
      variables: { Name: 'PC 1', Pass: 'hunter2' },
      secrets: ['Pass'],
      machine: {
        programs: {
          tool: (argv, environment) => {
            seen.push(argv, environment['Name'], environment['Pass']);
            return {};
          },
        },
      },
    });
    expect(state.result?.succeeded).toBe(true);
    expect(seen).toEqual([['tool', '--name', 'PC', '1', 'hunter2'], 'PC 1', undefined]);
  });

  it('stores the last 1,000 characters that were printed', async () => {
    const output = `${'a'.repeat(500)}${'b'.repeat(999)}c\n`;
    const { value } = await runSteps({
      steps: [command('tool', { outputVariable: 'Out' })],
      machine: { programs: { tool: () => ({ output }) } },
    });
    expect(value('Out')).toBe(`${'b'.repeat(999)}c`);
  });

  it.each([
    { code: 0, codes: undefined, succeeded: true },
    { code: 5, codes: [0, 5], succeeded: true },
    { code: 5, codes: undefined, succeeded: false },
    { code: 0, codes: [5], succeeded: false },
  ])('exit code $code with success codes $codes: $succeeded', async (row) => {
    const { code, codes, succeeded } = row;
    const { value, state } = await runSteps({
      steps: [{ ...command('tool', codes && { successCodes: codes }), continueOnError: true }],
      machine: { programs: { tool: () => ({ code }) } },
    });
    expect(state.result?.succeeded).toBe(true);
    expect(value('_SMSTSLastActionRetCode')).toBe(String(code));
    expect(value('_SMSTSLastActionSucceeded')).toBe(String(succeeded));
  });

  it('M07 fails the run with the exit code', async () => {
    const { facts, state } = await runSteps({ steps: [command('missing')] });
    expect(facts.at(-1)).toMatchObject({ kind: 'run-finished', succeeded: false, code: 127 });
    expect(state.result?.error).toMatchObject({
      code: 'step.exit-code',
      message: 'The command ended with exit code 127; success is 0, 3010',
    });
  });

  it.each([3010, 1641])('M02 exit code %d, a success, restarts to where it runs', async (code) => {
    const tool = command('tool', { successCodes: [0, 3010, 1641] });
    const { facts, state } = await runSteps({
      steps: [linuxDisk, tool, applyDebian, restartToDisk, tool],
      machine: { programs: { tool: () => ({ code }) } },
    });
    expect(state.result?.succeeded).toBe(true);
    const restarts = facts.filter(({ kind }) => kind === 'restart-requested');
    expect(restarts).toMatchObject([{ next: 'pe' }, { next: 'disk' }, { next: 'disk' }]);
  });

  it.each([3010, 1641])(
    'M07 exit code %d, no success, fails and restarts nothing',
    async (code) => {
      const { facts, state } = await runSteps({
        steps: [linuxDisk, command('tool', { successCodes: '0 5' })],
        machine: { programs: { tool: () => ({ code }) } },
      });
      expect(facts.some(({ kind }) => kind === 'restart-requested')).toBe(false);
      expect(facts.at(-1)).toMatchObject({ succeeded: false, code });
      expect(state.result?.error?.code).toBe('step.exit-code');
    },
  );

  it.each([
    [3010, [30_000, 5000]],
    [1641, [0, 0]],
  ])(
    'exit code %d gives the notice of SMSTSRebootDelay, unless it has begun',
    async (code, waits) => {
      const tool = command('tool', { successCodes: [3010, 1641] });
      const { facts } = await runSteps({
        steps: [linuxDisk, tool, tool],
        variables: { SMSTSRebootDelay: '30', SMSTSRebootDelayNext: '5' },
        machine: { programs: { tool: () => ({ code }) } },
      });
      const delays = facts.flatMap((fact) =>
        fact.kind === 'restart-requested' ? fact.delayMs : [],
      );
      expect(delays).toEqual(waits);
    },
  );

  it.each([
    [-2147024891, [2147942405]],
    [2147942405, [-2147024891]],
    [-2147024891, '0 -2147024891'],
    [-2147024891, ['0x80070005']],
    [0x80070005, '%Codes%'],
    [5, '%Codes%'],
  ])('M02 code %d is a success by %j: an HRESULT with or without its sign', async (code, codes) => {
    const { value, state } = await runSteps({
      steps: [command('tool', { successCodes: codes })],
      variables: { Codes: '5 -2147024891' },
      machine: { programs: { tool: () => ({ code }) } },
    });
    expect(state.result?.succeeded).toBe(true);
    expect(value('_SMSTSLastActionRetCode')).toBe(String(code < 0 ? 2147942405 : code));
  });

  it('M07 tells an HRESULT in both forms when it fails', async () => {
    const { facts, state } = await runSteps({
      steps: [command('tool')],
      machine: { programs: { tool: () => ({ code: -2147024891 }) } },
    });
    expect(state.result?.error?.message).toContain('exit code 2147942405 (0x80070005)');
    expect(facts.at(-1)).toMatchObject({ code: 2147942405 });
  });

  it('fails when it was killed by its time-out', async () => {
    const { facts, state } = await runSteps({
      steps: [command('tool', { timeoutMinutes: 3 })],
      machine: { programs: { tool: () => ({ code: 0, timedOut: true }) } },
    });
    expect(state.result?.error).toMatchObject({
      code: 'step.timeout',
      message: 'The command was killed: it ran longer than 3 minutes',
    });
    expect(facts.at(-1)).toMatchObject({ code: 0x800705b4 });
  });

  it('logs neither line nor output when OSDDoNotLogCommand is TRUE', async () => {
    const { log } = await runSteps({
      steps: [command('tool --key k1')],
      variables: { OSDDoNotLogCommand: 'TRUE' },
      machine: { programs: { tool: () => ({ output: 'k1 accepted' }) } },
    });
    expect(log.join('\n')).not.toContain('k1');
  });

  it('tells a name that had no value', async () => {
    const { log, machine } = await runSteps({
      steps: [command('tool a%Gone%b')],
      machine: { programs: { tool: () => ({}) } },
    });
    expect(machine.commands).toEqual([['tool', 'ab']]);
    expect(log).toContain('%Gone% has no value');
  });

  it('M11 keeps what a failed or killed command printed', async () => {
    const { value } = await runSteps({
      steps: [
        { ...command('bad', { outputVariable: 'Out' }), continueOnError: true },
        {
          ...command('slow', { outputVariable: 'Late', timeoutMinutes: 1 }),
          continueOnError: true,
        },
      ],
      machine: {
        programs: {
          bad: () => ({ code: 1, output: 'no\0 disk\n' }),
          slow: () => ({ timedOut: true, output: 'still waiting' }),
        },
      },
    });
    expect([value('Out'), value('Late')]).toEqual(['no disk', 'still waiting']);
  });

  it('M11 hides a secret in the output before the output is cut', async () => {
    const run = (outputVariable: string) =>
      runSteps({
        steps: [command('tool', { outputVariable })],
        variables: { Pass: 'hunter2' },
        secrets: ['Pass'],
        machine: { programs: { tool: () => ({ output: `hunter2${'x'.repeat(997)}` }) } },
      });
    const { state, log } = await run('Out');
    expect(state.variables.value('Out')).toBe(`***${'x'.repeat(997)}`);
    expect(log.join()).not.toMatch(/hunter|er2/);
    const secret = await run('OSDJoinPassword');
    expect(secret.state.variables.get('OSDJoinPassword')).toMatchObject({
      value: `er2${'x'.repeat(997)}`,
      secret: true,
    });
  });

  it('a document with a NUL in the line is refused', async () => {
    await expect(runSteps({ steps: [command('tool a\0b')] })).rejects.toThrow('has a NUL in it');
  });

  it('names no program that is not to be logged, also when it cannot be started', async () => {
    const programs = {
      'k1-tool': () => {
        throw new StepError('process.not-found', 'there is no program k1-tool', { exitCode: 2 });
      },
    };
    const run = (OSDDoNotLogCommand: string) =>
      runSteps({
        steps: [command('k1-tool')],
        variables: { OSDDoNotLogCommand },
        machine: { programs },
      });
    const hidden = await run('true');
    expect(hidden.facts.at(-1)).toMatchObject({ code: 2, error: { code: 'process.not-found' } });
    expect(JSON.stringify([hidden.log, hidden.facts])).not.toContain('k1');
    expect(JSON.stringify((await run('false')).facts)).toContain('there is no program k1-tool');
  });
});
