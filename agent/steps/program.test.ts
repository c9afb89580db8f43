import { describe, expect, it } from 'vitest';
import { applyDebian, GB, imagePackage, linuxDisk, runSteps } from './testing/run-step.ts';

const command = (commandLine: string, params: object = {}) => ({
  type: 'run-command',
  params: { commandLine, ...params },
});
/** Steps that bring the machine into the installed operating system. */
const intoOs = [linuxDisk, applyDebian, { type: 'restart', params: { target: 'hd' } }];
const tools = imagePackage({ totalBytes: GB }, 'MWL00002');
const fromPackage = { package: { id: 'MWL00002' } };

describe('where a program runs, and as whom', () => {
  it('M02 M06 makes its package available and starts in it, or in a folder inside', async () => {
    const run = (params: object) =>
      runSteps({
        steps: [command('tool', params)],
        content: [tools],
        machine: { programs: { tool: () => ({}) } },
      });
    const cwd = async (params: object) => (await run(params)).machine.runs[0]?.cwd;
    expect(await cwd(fromPackage)).toBe('/simulated/content/MWL00002');
    expect(await cwd({ ...fromPackage, workingDirectory: '.\\Scripts\\x' })).toBe(
      '/simulated/content/MWL00002/Scripts/x',
    );
    expect(await cwd({ ...fromPackage, workingDirectory: '/srv' })).toBe('/srv');
    expect(await cwd({ workingDirectory: ' C:\\x ' })).toBe('C:\\x');
    expect(await cwd({ workingDirectory: '%Undefined%' })).toBeUndefined();
    for (const params of [{ ...fromPackage, workingDirectory: '../x' }, { workingDirectory: 'x' }])
      expect((await run(params)).state.result?.error?.code).toBe('command.start-in');
    const missing = await run({ package: { id: 'MWL00009' } });
    expect(missing.state.result?.error?.code).toBe('content.missing');
    expect(missing.machine.runs).toEqual([]);
    const unresolved = await run({ package: { name: 'Tools' } });
    expect(unresolved.state.result?.error).toMatchObject({
      code: 'content.missing',
      message: 'The package "Tools" was not resolved to an id',
    });
  });

  it('M11 starts where WorkingDirectory says, which stays; its own setting is gone after it', async () => {
    const steps = [command('tool', { workingDirectory: '/own', disableWow64Redirection: true })];
    const machine = { programs: { tool: () => ({}) } };
    const own = await runSteps({ steps, machine });
    expect(own.machine.runs[0]).toMatchObject({
      cwd: '/own',
      environment: { WorkingDirectory: '/own', SMSTSDisableWow64Redirection: 'true' },
    });
    expect([...own.state.variables].map(({ name }) => name)).not.toContain('WorkingDirectory');
    const variables = { workingdirectory: '/preset', SMSTSDisableWow64Redirection: 'false' };
    const preset = await runSteps({ steps, machine, variables });
    expect(preset.machine.runs[0]?.cwd).toBe('/preset');
    expect(preset.value('WorkingDirectory')).toBe('/preset');
    expect(preset.value('SMSTSDisableWow64Redirection')).toBe('false');
  });

  it('M02 runs as another account in the operating system, and prints no password', async () => {
    const runAs = { user: 'CORP\\setup', password: 'hunter2' };
    const { machine, log, facts, value } = await runSteps({
      steps: [...intoOs, command('tool', { runAs, outputVariable: 'Out' })],
      machine: { programs: { tool: () => ({ output: 'I am hunter2' }) } },
    });
    expect(machine.runs.at(-1)?.runAs).toEqual(runAs);
    expect(machine.runs.at(-1)?.environment).toMatchObject({
      SMSTSRunCommandLineAsUser: 'true',
      SMSTSRunCommandLineUserName: 'CORP\\setup',
    });
    expect(JSON.stringify([machine.runs.at(-1)?.environment, log, facts])).not.toContain('hunter2');
    expect(log).toContain('It runs as CORP\\setup');
    expect(value('Out')).toBe('I am ********');
    expect(value('SMSTSRunCommandLineUserPassword')).toBeUndefined();
  });

  it('M02 M07 refuses another account in PE, before anything is run', async () => {
    const runAs = { user: 'setup', password: 'hunter2' };
    const { machine, log, facts, state } = await runSteps({ steps: [command('tool', { runAs })] });
    expect(state.result?.error).toMatchObject({
      code: 'command.run-as-pe',
      message: 'Cannot run as setup in linux-pe: there are no accounts',
    });
    expect(machine.runs).toEqual([]);
    expect(JSON.stringify([log, facts])).not.toContain('hunter2');
  });

  it.each<[string, Record<string, string>, object | undefined, object | undefined]>([
    [
      'all steps',
      { AsUser: 'TRUE', UserName: 'u', UserPassword: 'p' },
      undefined,
      { user: 'u', password: 'p' },
    ],
    ['only steps with one', { UserName: 'u', UserPassword: 'p' }, undefined, undefined],
    [
      'a step with one',
      { UserName: 'u' },
      { user: 'own', password: 'q' },
      { user: 'u', password: 'q' },
    ],
    [
      'none when false',
      { AsUser: 'false' },
      { user: 'own', password: 'q' },
      { user: 'own', password: 'q' },
    ],
    [
      'all, by its own name',
      { AsUser: 'true' },
      { user: 'own', password: 'q' },
      { user: 'own', password: 'q' },
    ],
  ])(
    'M11 SMSTSRunCommandLine... changes the account of %s',
    async (_whose, preset, own, account) => {
      const variables = Object.fromEntries(
        Object.entries(preset).map(([name, value]) => [`SMSTSRunCommandLine${name}`, value]),
      );
      const { machine } = await runSteps({
        steps: [...intoOs, command('tool', own === undefined ? {} : { runAs: own })],
        variables,
        machine: { programs: { tool: () => ({}) } },
      });
      expect(machine.runs).toHaveLength(1);
      expect(machine.runs[0]?.runAs).toEqual(account);
    },
  );

  it('M11 SMSTSRunCommandLineAsUser without any account fails the step', async () => {
    const { state } = await runSteps({
      steps: [command('tool')],
      variables: { SMSTSRunCommandLineAsUser: 'true' },
    });
    expect(state.result?.error).toMatchObject({
      code: 'step.params',
      message: expect.stringContaining('set SMSTSRunCommandLineUserName too'),
    });
  });
});
