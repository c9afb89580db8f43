import { describe, expect, it } from 'vitest';
import { runSteps } from './testing/run-step.ts';

const command = (commandLine: string, params: object = {}) => ({
  type: 'run-command',
  params: { commandLine, ...params },
});

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

  it('exit code 3010 asks for a restart to where it runs', async () => {
    const { facts } = await runSteps({
      steps: [
        { type: 'format-disk', params: { partitions: [{ fileSystem: 'ext4' }] } },
        command('tool'),
        command('tool'),
      ],
      machine: { programs: { tool: () => ({ code: 3010 }) } },
    });
    const restarts = facts.filter(({ kind }) => kind === 'restart-requested');
    expect(restarts).toMatchObject([{ next: 'pe' }, { next: 'pe' }]);
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
});
