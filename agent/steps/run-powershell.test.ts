import { describe, expect, it } from 'vitest';
import { ContentManifest } from '#agent/protocol/content.ts';
import type { StepContext } from '#agent/sequence/step.ts';
import { StepVariables } from '#agent/sequence/step-variables.ts';
import { Variables } from '#agent/sequence/variables.ts';
import { contentOf } from '#agent/simulated-machine/content.ts';
import { SimulatedMachine } from '#agent/simulated-machine/machine.ts';
import { runPowerShell } from './run-powershell.ts';
import {
  applyDebian,
  imagePackage,
  linuxDisk,
  runSteps,
  type StepRun,
} from './testing/run-step.ts';

const script = (params: object) => ({ type: 'run-powershell', params });
const inline = (text: string, params: object = {}) => script({ script: text, ...params });
const scripts = ContentManifest.parse({
  packageId: 'MWL00002',
  version: 1,
  name: 'Scripts',
  kind: 'package',
  objects: [{ path: 'Scripts/Set-Name.ps1', sizeBytes: 9, sha256: 'ab'.repeat(32), chunks: [] }],
});
const fromPackage = { package: { id: 'MWL00002' }, scriptName: '.\\scripts\\set-name.PS1' };

/** Runs steps where PowerShell is there; `seen` has the script's text as it was while it ran. */
async function run(steps: readonly object[], more: Partial<StepRun> = {}, result: object = {}) {
  const seen: (string | undefined)[] = [];
  let machine: SimulatedMachine | undefined;
  const outcome = await runSteps({
    steps,
    content: [imagePackage(), scripts],
    ...more,
    machine: {
      programs: {
        'powershell.exe': (argv) => {
          const bytes = machine?.scratch.read(argv[argv.indexOf('-File') + 1] ?? '');
          seen.push(bytes && new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes));
          return result;
        },
      },
      ...more.machine,
    },
    onMachine: (made) => {
      machine = made;
    },
  });
  return { ...outcome, seen };
}

describe('M02 run-powershell', () => {
  it('runs the text of a script from a file that is gone after it, with its parameters', async () => {
    const text = 'param($Name)\r\nGet-ChildItem | %{ $_ } # 100%Name% é';
    const { machine, seen, state } = await run(
      [inline(text, { parameters: "-Name '%Name% x' -Force", executionPolicy: 'Bypass' })],
      { variables: { Name: 'PC1' } },
    );
    expect(state.result?.succeeded).toBe(true);
    const [argv = []] = machine.commands;
    const options = ['-NoProfile', '-NonInteractive', '-ExecutionPolicy', 'Bypass', '-File'];
    expect(argv.slice(0, 6)).toEqual(['powershell.exe', ...options]);
    expect(argv[6]).toMatch(/script\.ps1$/);
    expect(argv.slice(7)).toEqual(['-Name', 'PC1 x', '-Force']);
    expect(seen).toEqual([`\ufeff${text}`]);
    expect(machine.scratch.paths()).toEqual([]);
  });

  it('leaves no file behind when it fails', async () => {
    const { machine, seen, state, facts } = await run([inline('exit 7')], {}, { code: 7 });
    expect(seen).toEqual(['\ufeffexit 7']);
    expect(state.result?.error?.code).toBe('step.exit-code');
    expect(facts.at(-1)).toMatchObject({ code: 7 });
    expect(machine.scratch.paths()).toEqual([]);
  });

  it('M06 runs a script of a package, in the folder of the package', async () => {
    const { machine } = await run([script(fromPackage)]);
    expect(machine.runs[0]).toMatchObject({ cwd: '/simulated/content/MWL00002' });
    expect(machine.commands[0]?.slice(4)).toEqual([
      'AllSigned',
      '-File',
      '/simulated/content/MWL00002/Scripts/Set-Name.ps1',
    ]);
  });

  it.each([
    ['other.ps1', 'powershell.script-missing'],
    ['..\\Set-Name.ps1', 'powershell.script-missing'],
  ])('M07 fails when the package has no %s', async (scriptName, code) => {
    const { machine, state } = await run([script({ ...fromPackage, scriptName })]);
    expect(state.result?.error?.code).toBe(code);
    expect(machine.runs).toEqual([]);
  });

  it.each([
    [{}, 'steps[0].params.script: needs the text'],
    [{ package: { id: 'MWL00002' } }, 'steps[0].params.scriptName: needs the name'],
    [{ ...fromPackage, script: 'x' }, 'steps[0].params.script: is either'],
    [{ scriptName: 'x.ps1' }, 'steps[0].params.script: needs the text'],
    [{ ...fromPackage, scriptName: 'x.bat' }, 'ends with .ps1'],
    [{ ...fromPackage, scriptName: 'C:\\x.ps1' }, 'is a file of the package'],
    [{ script: 'x', executionPolicy: 'Unrestricted' }, 'executionPolicy'],
  ])('a document with %j is refused', async (params, message) => {
    await expect(run([script(params)])).rejects.toThrow(message);
  });

  it('M07 says what to do where there is no PowerShell', async () => {
    const { state, facts } = await run([inline('exit')], { machine: { powershell: null } });
    expect(state.result?.error).toMatchObject({
      code: 'powershell.missing',
      hint: expect.stringContaining('WinPE-PowerShell'),
    });
    expect(facts.at(-1)).toMatchObject({ code: 0x80070002 });
  });

  it('logs parameters only when OSDLogPowerShellParameters is TRUE, and secrets never', async () => {
    const steps = [inline('exit', { parameters: "-Key 'k1' -Pass '%Pass%'" })];
    const given = { Pass: 'hunter2' };
    const { log } = await run(steps, { variables: given, secrets: ['Pass'] });
    expect(log.join('\n')).not.toMatch(/k1|hunter2/);
    const variables = { ...given, OSDLogPowerShellParameters: 'True' };
    const told = await run(steps, { variables, secrets: ['Pass'] });
    expect(told.log.join('\n')).toContain("-Key 'k1' -Pass '********'");
  });

  it.each([3010, 1641])('M11 code %d, output and time-out as with a command line', async (code) => {
    const params = { outputVariable: 'Out', successCodes: `0 ${code}`, timeoutMinutes: 5 };
    const { facts, value, machine } = await run(
      [linuxDisk, inline('exit', params)],
      {},
      { code, output: 'done\n' },
    );
    expect(facts.find(({ kind }) => kind === 'restart-requested')).toMatchObject({ next: 'pe' });
    expect(value('Out')).toBe('done');
    expect(machine.runs[0]?.timeoutMs).toBe(300_000);
    const killed = await run([inline('exit', params)], {}, { timedOut: true, output: 'waiting' });
    expect(killed.state.result?.error?.code).toBe('step.timeout');
    expect(killed.value('Out')).toBe('waiting');
  });

  it('runs as the account of SMSTSRunPowerShell..., but not in PE', async () => {
    const variables = {
      SMSTSRunPowerShellAsUser: 'true',
      SMSTSRunPowerShellUserName: 'setup',
      SMSTSRunPowerShellUserPassword: 'hunter2',
      SMSTSRunPowerShellWorkingDirectory: '/preset',
    };
    const inPe = await run([inline('exit')], { variables });
    expect(inPe.state.result?.error?.code).toBe('command.run-as-pe');
    const restart = { type: 'restart', params: { target: 'hd' } };
    const { machine, log } = await run([linuxDisk, applyDebian, restart, inline('exit')], {
      variables,
    });
    expect(machine.runs[0]).toMatchObject({
      cwd: '/preset',
      runAs: { user: 'setup', password: 'hunter2' },
    });
    expect(log.join()).not.toContain('hunter2');
  });

  it('lets the account that it runs as read the file of the script', async () => {
    const platform = new SimulatedMachine({ disks: [] }).start('pe');
    const readers: unknown[] = [];
    const runAs = { user: 'setup', password: 'hunter2' };
    const scratch: typeof platform.process.scratch = (files, signal, reader) => {
      readers.push(reader);
      return platform.process.scratch(files, signal);
    };
    const context: StepContext = {
      platform: { ...platform, environment: 'full-os', process: { ...platform.process, scratch } },
      content: contentOf([]),
      variables: new StepVariables(Variables.none),
      environment: () => ({}),
      log: () => {},
      signal: new AbortController().signal,
    };
    const running = runPowerShell.run(
      runPowerShell.params.parse({ script: 'exit', runAs, successCodes: [127] }),
      context,
    );
    while ((await running.next()).done !== true);
    expect(readers).toEqual([runAs]);
  });
});
