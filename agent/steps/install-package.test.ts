import { describe, expect, it } from 'vitest';
import { programPackage } from './software/testing/made-software.ts';
import { runSteps } from './testing/run-step.ts';
import { faultsOf, simulateStep } from './testing/simulate-step.ts';

const type = 'install-package';
const content = { name: 'Office' };

describe('M02 install-package', () => {
  it('installs one package, or a list in variables up to its first gap', async () => {
    const one = await simulateStep(type, { package: content, program: 'Silent' });
    expect(one.log).toEqual(['Would install Office: Silent']);
    const variables = { Pkg001: 'ABC00001:Setup', Pkg002: 'ABC00002:Setup', Pkg004: 'x' };
    const list = await simulateStep(type, { baseVariable: 'Pkg' }, { variables });
    expect(list.log).toEqual(['Would install ABC00001:Setup', 'Would install ABC00002:Setup']);
    const none = await simulateStep(type, { baseVariable: 'Other' }, { variables });
    expect(none.log).toEqual(['Other001 has no value: nothing to install']);
    expect(none.result).toEqual({});
  });

  it.each([
    [{}, 'package: needs a package'],
    [{ package: content }, 'program: needs the name'],
    [{ package: content, program: 'x', baseVariable: 'Pkg' }, 'baseVariable: is instead'],
    [{ baseVariable: 'Pkg', program: 'x' }, 'program: is that of a package'],
    [{ baseVariable: '_Pkg' }, 'baseVariable: no name'],
  ])('refuses %j', (params, fault) => {
    expect(faultsOf(type, params)).toEqual([expect.stringContaining(fault)]);
  });
});

const windows = {
  installed: true,
  pe: 'winpe',
  disks: [{ sizeBytes: 1e11, partitions: [{ sizeBytes: 9e10, fileSystem: 'ntfs' }] }],
  os: { family: 'windows', version: '10.0.22631', productType: 'client', language: null },
} as const;
const setup = (more: object = {}) => ({ name: 'Setup', commandLine: 'setup.exe /S', ...more });
const install = (program: string, id = 'MW100001') => ({
  type,
  params: { package: { id }, program },
});

describe('M20 a program of a package', () => {
  const run = (
    programs: readonly object[],
    steps: readonly object[],
    more: Partial<Parameters<typeof runSteps>[0]> = {},
  ) =>
    runSteps({
      steps,
      content: [programPackage('MW100001', programs, 'Tools')],
      machine: { ...windows, otherProgram: () => ({ code: 0 }) },
      ...more,
    });
  const failure = async (programs: readonly object[], steps: readonly object[]) => {
    const { facts } = await run(programs, steps);
    const finished = facts.find((fact) => fact.kind === 'step-finished');
    return finished?.kind === 'step-finished' ? finished.error?.code : undefined;
  };

  it('runs in the folder of its package, again each time, also when it ran before', async () => {
    const { machine, state } = await run([setup()], [install('setup'), install('Setup')]);
    expect(state.result?.succeeded).toBe(true);
    expect(machine.commands).toEqual([
      ['setup.exe', '/S'],
      ['setup.exe', '/S'],
    ]);
    expect(machine.runs[0]).toMatchObject({
      cwd: '/simulated/content/MW100001',
      timeoutMs: 120 * 60_000,
    });
  });

  it('restarts the machine when it asks for that, and the next step follows', async () => {
    const { machine, facts } = await run(
      [setup(), { ...setup(), name: 'Second', commandLine: 'second.exe' }],
      [install('Setup'), install('Second')],
      {
        machine: {
          ...windows,
          programs: { 'setup.exe': () => ({ code: 3010 }), 'second.exe': () => ({}) },
        },
      },
    );
    expect(machine.commands.map(([program]) => program)).toEqual(['setup.exe', 'second.exe']);
    expect(facts.filter(({ kind }) => kind === 'restart-requested')).toHaveLength(1);
  });

  it('has another program run first, once a step or always', async () => {
    const runtime = { name: 'Runtime', commandLine: 'runtime.exe' };
    const first = { program: 'Runtime' };
    const programs = [
      runtime,
      setup({ runFirst: first }),
      { ...setup({ runFirst: first }), name: 'B' },
    ];
    const list = { P001: 'MW100001:Setup', P002: 'MW100001:B' };
    const steps = [{ type, params: { baseVariable: 'P' } }];
    const once = await run(programs, steps, { variables: list });
    expect(once.machine.commands.map(([name]) => name)).toEqual([
      'runtime.exe',
      'setup.exe',
      'setup.exe',
    ]);
    const always = programs.map((each) =>
      'runFirst' in each ? { ...each, runFirst: { ...first, always: true } } : each,
    );
    const twice = await run(always, steps, { variables: list });
    expect(twice.machine.commands).toHaveLength(4);
    expect(
      await failure([setup({ runFirst: { program: 'Setup', always: true } })], [install('Setup')]),
    ).toBe('program.circle');
  });

  it.each([
    ['unknown', [setup()], 'None', 'program.unknown'],
    ['disabled', [setup({ disabled: true })], 'Setup', 'program.not-allowed'],
    ['not allowed', [setup({ allowFromSequence: false })], 'Setup', 'program.not-allowed'],
    ["with a user's rights", [setup({ runAs: 'user' })], 'Setup', 'program.not-allowed'],
    [
      'for another system',
      [setup({ platforms: [{ family: 'linux', minVersion: '12' }] })],
      'Setup',
      'program.not-allowed',
    ],
    [
      'that leaves its package',
      [setup({ workingDirectory: '..\\x' })],
      'Setup',
      'command.start-in',
    ],
  ] as const)('is refused: %s', async (_, programs, program, code) => {
    expect(await failure(programs, [install(program)])).toBe(code);
  });

  it('fails by its exit code, but for a list that goes on', async () => {
    const machine = {
      ...windows,
      programs: { 'bad.exe': () => ({ code: 5 }), 'setup.exe': () => ({ code: 0 }) },
    };
    const programs = [{ name: 'Bad', commandLine: 'bad.exe' }, setup()];
    const variables = { P001: 'MW100001:Bad', P002: 'MW100001:Setup' };
    const stopped = await run(programs, [{ type, params: { baseVariable: 'P' } }], {
      machine,
      variables,
    });
    expect(stopped.machine.commands).toEqual([['bad.exe']]);
    const goesOn = await run(
      programs,
      [{ type, params: { baseVariable: 'P', continueOnInstallError: true } }],
      { machine, variables },
    );
    expect(goesOn.machine.commands).toHaveLength(2);
    expect(goesOn.log.at(-1)).toContain('1 failed: MW100001:Bad');
    const wrong = await run(programs, [{ type, params: { baseVariable: 'P' } }], {
      variables: { P001: 'mw100001:Setup' },
    });
    expect(wrong.machine.commands).toEqual([]);
  });
});
