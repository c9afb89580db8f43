import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ContentManifest } from '#agent/protocol/content.ts';
import { SequenceId } from '#agent/protocol/identity.ts';
import { expandChildren } from '#agent/sequence/expand-children.ts';
import { parseTaskSequence } from '#agent/sequence/schema.ts';
import { defineStep } from '#agent/sequence/step.ts';
import { steps } from '#agent/steps/index.ts';
import { inWindows } from '#agent/steps/testing/simulate-run.ts';
import { SimulatedDevice } from './device.ts';
import { SimulationReport } from './report.ts';
import { type Simulation, simulate } from './simulate.ts';

const command = (name: string, more: object = {}) => ({
  step: name,
  type: 'run-command',
  params: { commandLine: name.toLowerCase() },
  ...more,
});
const set = (name: string, value: string, more: object = {}) => ({
  step: `Set ${name}`,
  type: 'set-variable',
  params: { name, value, ...more },
});
const isSet = (variable: string) => ({ kind: 'variable', variable, operator: 'exists' });
const laptop = {
  name: 'LAPTOP',
  manufacturer: 'Dell Inc.',
  model: 'Latitude 5440',
  firmware: 'uefi',
  architecture: 'x64',
  disks: [{ sizeGb: 256 }],
};

/** Simulates steps on a laptop; the report is as the API would answer it. */
async function run(
  nodes: readonly object[],
  { device = {}, ...more }: Partial<Omit<Simulation, 'device'>> & { device?: object } = {},
) {
  const report = await simulate({
    sequence: parseTaskSequence({ name: 'Test', steps: nodes }, more.registry ?? steps),
    registry: steps,
    device: SimulatedDevice.parse({ ...laptop, ...device }),
    content: { packages: [], others: 'assumed' },
    ...more,
  });
  return SimulationReport.parse(report);
}

/** `name: outcome` of each node that the run came to, and of those it did not. */
function outcomes({ nodes }: SimulationReport): string[] {
  return nodes.map(({ name, outcome }) => `${name}: ${outcome}`);
}
function nodeOf({ nodes }: SimulationReport, name: string) {
  const found = nodes.find((node) => node.name === name);
  if (found === undefined) throw new Error(`there is no ${name}`);
  return found;
}

describe('M03 simulate tells of each condition', () => {
  it('its verdict, and what each expression saw', async () => {
    const report = await run([
      command('Uefi', {
        condition: {
          all: [
            { kind: 'variable', variable: '_SMSTSBootUEFI', operator: 'equals', value: true },
            { kind: 'variable', variable: '_SMSTSModel', operator: 'like', value: 'Latitude*' },
          ],
        },
      }),
      command('Bios', {
        condition: {
          kind: 'variable',
          variable: '_SMSTSBootUEFI',
          operator: 'notEquals',
          value: true,
        },
      }),
      command('Off', { disabled: true, condition: isSet('X') }),
    ]);
    expect(outcomes(report)).toEqual(['Uefi: runs', 'Bios: skipped', 'Off: skipped']);
    expect(nodeOf(report, 'Uefi').condition).toMatchObject({ verdict: true, answered: false });
    expect(nodeOf(report, 'Uefi').condition?.detail).toContain('(is "Latitude 5440")');
    expect(nodeOf(report, 'Bios')).toMatchObject({ reason: 'its condition is false' });
    expect(nodeOf(report, 'Bios').condition?.detail).toContain('(is "true")');
    expect(nodeOf(report, 'Off')).toMatchObject({ reason: 'disabled', condition: null });
  });

  it.each([
    ['a file', { kind: 'file', path: 'C:\\x.txt' }, { files: { 'c:/X.TXT': null } }],
    [
      'a folder',
      { kind: 'folder', path: '%windir%\\Temp' },
      { folders: { 'C:\\Windows\\Temp\\': null } },
    ],
    [
      'a value of the registry',
      {
        kind: 'registry',
        key: 'HKLM\\SOFTWARE\\Maker',
        valueName: 'Model',
        type: 'REG_SZ',
        operator: 'equals',
        data: 'X1',
      },
      { pe: 'winpe', registry: { 'HKEY_LOCAL_MACHINE\\Software\\Maker': { model: 'X1' } } },
    ],
    [
      'a battery',
      { kind: 'wmi', query: 'SELECT * FROM Win32_Battery WHERE BatteryStatus = 2' },
      { battery: { status: 2 } },
    ],
    [
      'a chassis',
      { kind: 'wmi', query: "SELECT * FROM Win32_ComputerSystem WHERE Model LIKE '%Latitude%'" },
      {},
    ],
    [
      'a class of its own',
      { kind: 'wmi', query: "SELECT * FROM Maker_Board WHERE Revision = 'B'" },
      { wmi: { Maker_Board: [{ Revision: 'B' }] } },
    ],
  ])('answers from the description: %s', async (_what, condition, device) => {
    const report = await run([command('Step', { condition })], { device });
    expect(nodeOf(report, 'Step').condition).toMatchObject({ verdict: true });
    const none = { files: {}, folders: {}, registry: {}, battery: false, model: 'Other', wmi: {} };
    const without = await run([command('Step', { condition })], {
      device: { ...device, ...none },
    });
    expect(outcomes(without)).toEqual(['Step: skipped']);
  });

  it.each([
    ['files', { kind: 'file', path: 'C:\\x.txt' }, {}],
    [
      'its registry',
      {
        kind: 'registry',
        key: 'HKLM\\SOFTWARE\\Maker',
        valueName: 'M',
        type: 'REG_SZ',
        operator: 'equals',
        data: 'X1',
      },
      { pe: 'winpe' },
    ],
    ['Win32_Battery', { kind: 'wmi', query: 'SELECT * FROM Win32_Battery' }, {}],
  ])('takes what is not described for false, and says so: %s', async (what, condition, device) => {
    const report = await run([command('Step', { condition })], { device });
    expect(outcomes(report)).toEqual(['Step: skipped']);
    expect(nodeOf(report, 'Step').condition?.detail).toContain('cannot be answered');
    expect(nodeOf(report, 'Step').condition?.detail).toContain(what);
  });

  it('can be answered by whoever asks, by name or by id', async () => {
    const nodes = [
      { group: 'Laptops', condition: isSet('X'), steps: [command('A', { condition: isSet('Y') })] },
    ];
    const report = await run(nodes, {
      answers: [
        { node: 'laptops', verdict: true },
        { node: '0/0', verdict: true },
      ],
    });
    expect(outcomes(report)).toEqual(['Laptops: runs', 'A: runs']);
    expect(nodeOf(report, 'A').condition).toEqual({
      verdict: true,
      detail: 'assumed to be true',
      answered: true,
    });
  });
});

/** The two groups and six steps of the planning page. */
const groupTable = [
  {
    group: 'Group 1',
    continueOnError: true,
    steps: [command('Step 1', { continueOnError: true }), command('Step 2'), command('Step 3')],
  },
  { group: 'Group 2', steps: [command('Step 4'), command('Step 5'), command('Step 6')] },
];

describe('M09 simulate runs the group table', () => {
  it.each([
    {
      fails: 'Step 1',
      not: [],
      toleratedBy: 'Step 1',
      succeeded: true,
    },
    {
      fails: 'Step 2',
      not: ['Step 3'],
      toleratedBy: 'Group 1',
      succeeded: true,
    },
    {
      fails: 'Step 4',
      not: ['Step 5', 'Step 6'],
      toleratedBy: null,
      succeeded: false,
    },
  ])('$fails fails', async ({ fails, not, toleratedBy, succeeded }) => {
    const report = await run(groupTable, { fail: [{ node: fails, code: 1603 }] });
    const missed = report.nodes.filter(({ outcome }) => outcome === 'not-reached');
    expect(missed.map(({ name }) => name)).toEqual(not);
    for (const { reason } of missed)
      expect(reason).toBe(`"Group ${succeeded ? 1 : 2}" has failed at "${fails}"`);
    expect(nodeOf(report, fails)).toMatchObject({
      outcome: 'fails',
      code: 1603,
      error: { code: 'step.exit-code' },
      toleratedBy,
    });
    expect(report.result).toMatchObject({
      succeeded,
      code: succeeded ? 0 : 1603,
      failedAt: succeeded ? null : { name: fails },
    });
    expect(report.counts).toMatchObject({ fails: 1, notReached: not.length });
  });

  it('M08 a group whose condition is false is not looked into', async () => {
    const report = await run([
      { group: 'G', condition: isSet('No'), steps: [command('A', { condition: isSet('X') })] },
      command('B'),
    ]);
    expect(outcomes(report)).toEqual(['G: skipped', 'A: in-skipped-group', 'B: runs']);
    expect(nodeOf(report, 'A')).toMatchObject({ reason: '"G" is skipped', condition: null });
  });
});

describe('M07 assumed exit codes', () => {
  it('go through the success codes of a step: 3010 is a success and a restart', async () => {
    const disk = {
      step: 'Disk',
      type: 'format-disk',
      params: { partitions: [{ name: 'root', fileSystem: 'ext4' }] },
    };
    const report = await run([disk, command('Update'), command('After')], {
      fail: [{ node: 'Update', code: 3010 }],
    });
    expect(nodeOf(report, 'Update')).toMatchObject({
      outcome: 'runs',
      code: 3010,
      restart: { next: 'pe', environment: 'linux-pe', refused: null },
    });
    expect(report.counts.restarts).toBe(1);
    expect(report.result.succeeded).toBe(true);
  });

  it('fail a step that runs no program without running it', async () => {
    const report = await run([set('A', '1'), command('After')], {
      fail: [{ node: 'Set A', code: 5 }],
    });
    expect(nodeOf(report, 'Set A')).toMatchObject({
      outcome: 'fails',
      code: 5,
      variables: [],
      error: { code: 'simulate.assumed-failure' },
    });
    expect(outcomes(report)).toEqual(['Set A: fails', 'After: not-reached']);
  });

  it('end a step whose action comes later, which runs no programs', async () => {
    const steps = [{ step: 'Release', type: 'release-state-store' }];
    const device = inWindows;
    expect((await run(steps, { device })).result.succeeded).toBe(true);
    const { result } = await run(steps, { device, fail: [{ node: 'Release', code: 5 }] });
    expect(result.error?.code).toBe('simulate.assumed-failure');
  });

  it('and answers of what is not there, or there twice, are refused, all at once', async () => {
    const nodes = [command('Twice'), command('Twice'), command('Once', { condition: isSet('X') })];
    const wrong = run(nodes, {
      fail: [
        { node: 'Onse', code: 1 },
        { node: 'twice', code: 1 },
        { node: '2', code: 1 },
        { node: 'once', code: 2 },
      ],
    });
    await expect(wrong).rejects.toMatchObject({
      code: 'simulate.node',
      message: [
        'there is no step "Onse": did you mean "Once"',
        '"twice" fits 2 of them: 0, 1',
        '"once" is said twice, of 2',
      ].join('\n'),
    });
    await expect(run(nodes, { answers: [{ node: 'Twice', verdict: true }] })).rejects.toMatchObject(
      { message: expect.stringContaining('no step or group with a condition "Twice"') },
    );
  });
});

const image = (architecture: string) =>
  ContentManifest.parse({
    packageId: 'MWL00001',
    version: 3,
    name: 'Debian 12',
    kind: 'os-image',
    objects: [{ path: 'os.wim', sizeBytes: 9e8, sha256: 'ab'.repeat(32), chunks: [] }],
    images: [{ index: 1, name: 'Debian', architecture, totalBytes: 2e9, kind: 'linux' }],
  });
const deploy = (more: object = {}) => [
  {
    step: 'Disk',
    type: 'format-disk',
    params: {
      partitions: [
        { type: 'efi', size: { mb: 512 } },
        { name: 'root', fileSystem: 'ext4', variable: 'OSVolume' },
      ],
    },
  },
  {
    step: 'Apply',
    type: 'apply-image',
    params: { image: { name: 'debian 12' }, destination: { variable: 'OSVolume' } },
    ...more,
  },
];

describe('M06 content that a simulated run needs', () => {
  it('is told with version and size, and used', async () => {
    const report = await run(deploy(), {
      content: { packages: [image('x64')], others: 'missing' },
    });
    expect(report.result.succeeded).toBe(true);
    expect(report.content).toMatchObject([
      { packageId: 'MWL00001', state: 'known', version: 3, sizeBytes: 9e8, follows: '' },
    ]);
    expect(report.content[0]?.steps).toMatchObject([{ name: 'Apply', runs: true }]);
  });

  it('stops the run before its first step where nothing continues on error', async () => {
    const condition = isSet('Never');
    const report = await run([{ group: 'G', condition, steps: deploy() }], {
      content: { packages: [], others: 'missing' },
    });
    expect(report.result).toMatchObject({
      succeeded: false,
      error: { code: 'content.missing' },
      failedAt: null,
    });
    expect(new Set(report.nodes.map(({ outcome }) => outcome))).toEqual(new Set(['not-reached']));
    expect(report.content[0]).toMatchObject({
      state: 'missing',
      follows: expect.stringContaining('required: the run waits'),
    });
  });

  it.each([
    ['it', deploy({ continueOnError: true })],
    ['a group around it', [{ group: 'G', continueOnError: true, steps: deploy() }]],
  ])('fails its step, tolerated, where %s continues on error', async (_what, nodes) => {
    const report = await run(nodes, { content: { packages: [], others: 'missing' } });
    expect(report.result.succeeded).toBe(true);
    expect(nodeOf(report, 'Apply')).toMatchObject({
      outcome: 'fails',
      error: { code: 'content.missing' },
    });
    expect(report.content[0]?.follows).toContain('the step fails when it is reached');
  });

  it('is not looked at in a disabled step', async () => {
    const report = await run(deploy({ disabled: true }), {
      content: { packages: [], others: 'missing' },
    });
    expect(report.content).toEqual([]);
    expect(report.result.succeeded).toBe(true);
  });

  it('is assumed where nobody lists it, never silently', async () => {
    const report = await run(deploy());
    expect(report.content).toMatchObject([
      { name: 'debian 12', state: 'assumed', version: null, sizeBytes: null },
    ]);
    expect(report.result.succeeded).toBe(true);
  });

  it('has the scripts that steps run from it, where it is assumed', async () => {
    const script = (scriptName: string) => ({
      step: scriptName,
      type: 'run-powershell',
      params: { package: { name: 'Scripts' }, scriptName },
    });
    const scripts = [script('.\\Lab\\First.ps1'), script('lab/first.ps1'), script('Second.ps1')];
    const device = { pe: 'winpe' };
    expect((await run(scripts, { device })).result.succeeded).toBe(true);
    const outside = await run([script('..\\Second.ps1')], { device });
    expect(outside.result.error?.code).toBe('powershell.script-missing');
  });

  it('M43 does not begin a run whose image is for another architecture', async () => {
    const report = await run(deploy(), {
      content: { packages: [image('arm64')], others: 'missing' },
    });
    expect(report.findings).toMatchObject([
      { name: 'Apply', fatal: true, error: { code: 'image.architecture' } },
    ]);
    expect(report.result).toMatchObject({ succeeded: false, failedAt: null });
    expect(report.counts.notReached).toBe(2);
  });
});

describe('M10 a child task sequence', () => {
  const id = SequenceId.parse('CHILD1');
  const child = {
    id,
    name: 'Child',
    version: 4,
    document: { name: 'Child', steps: [set('FromChild', '%FromParent%!')] },
    disabled: false,
  };
  const runChild = {
    step: 'Run it',
    type: 'run-sequence',
    params: { sequence: { name: 'Child' } },
  };

  it('is marked, and shares the variables of its parent', async () => {
    const document = {
      name: 'Parent',
      steps: [set('FromParent', '1'), runChild, command('x', { condition: isSet('FromChild') })],
    };
    const expanded = expandChildren(document, () => child).document;
    const report = await run([command('x')], { sequence: parseTaskSequence(expanded, steps) });
    expect(nodeOf(report, 'Run it')).toMatchObject({
      kind: 'child',
      child: { id, name: 'Child', version: 4 },
      steps: 1,
    });
    expect(nodeOf(report, 'Set FromChild')).toMatchObject({
      depth: 1,
      variables: [{ name: 'FromChild', value: '1!' }],
    });
    expect(outcomes(report).at(-1)).toBe('x: runs');
  });
});

describe('M11 variables of a simulated run', () => {
  it('are put in, told, and hidden where they are secret', async () => {
    const report = await run(
      [
        set('Password', 'hunter2', { secret: true }),
        set('OSDJoinPassword', 'swordfish'),
        command('Join', {
          params: { commandLine: 'join --as %User% %Password% %OSDJoinPassword% %Gone%' },
        }),
        command('Fails', { params: { commandLine: '"%Password%' }, continueOnError: true }),
        set('Copy', 'x%Password%'),
        command('If', {
          condition: { kind: 'variable', variable: 'Copy', operator: 'equals', value: '1' },
        }),
      ],
      {
        variables: [{ name: 'User', value: 'me', secret: false }],
        device: { variables: { User: 'other', Pin: { value: '1234567', secret: true } } },
      },
    );
    expect(nodeOf(report, 'Join')).toMatchObject({
      setting: 'join --as me ******** ********',
      unknownVariables: ['Gone'],
    });
    expect(nodeOf(report, 'Set Password')).toMatchObject({
      setting: 'name: Password, value: ********, secret: true',
      variables: [{ name: 'Password', value: '********', secret: true }],
    });
    expect(JSON.stringify(report)).not.toMatch(/hunter2|swordfish|1234567/);
  });

  it('of the machine and the run are there from the beginning', async () => {
    const report = await run([
      command('Say', {
        params: { commandLine: 'say %_SMSTSMake% %_SMSTSBootUEFI% %_SMSTSPackageName%' },
      }),
    ]);
    expect(nodeOf(report, 'Say').setting).toBe('say Dell Inc. true Test');
  });
});

describe('the end of a simulated run', () => {
  it('M33 names the step after which there is nothing to come back to', async () => {
    const report = await run(
      [
        command('Old failure', { continueOnError: true }),
        { step: 'Restart', type: 'restart', continueOnError: true, params: { target: 'hd' } },
      ],
      { fail: [{ node: 'Old failure', code: 1 }] },
    );
    expect(nodeOf(report, 'Restart').restart?.refused).toMatchObject({
      code: 'restart.no-partition',
    });
    expect(report.result).toMatchObject({ succeeded: false, failedAt: { name: 'Restart' } });
  });

  it('M33 restarts where a disk has a partition from before', async () => {
    const device = { disks: [{ sizeGb: 100, partitions: [{ sizeGb: 50, fileSystem: 'ntfs' }] }] };
    const restart = { step: 'Restart', type: 'restart', params: { target: 'pe' } };
    const report = await run([restart], { device });
    expect(nodeOf(report, 'Restart').restart).toMatchObject({ environment: 'linux-pe' });
    const raw = { disks: [{ sizeGb: 100, partitions: [{ sizeGb: 50 }] }] };
    expect((await run([restart], { device: raw })).result.error?.code).toBe('restart.no-partition');
  });

  it('comes also where the run would go on for ever', async () => {
    const again = defineStep({
      type: 'again',
      title: 'Again',
      menu: 'general',
      help: 'A step of a test.',
      action: 'now',
      needs: [],
      runsIn: ['linux-pe', 'full-os'],
      params: z.strictObject({}),
      repeatable: true,
      destructive: false,
      references: () => [],
      async *run(_params, { variables }) {
        yield {};
        variables.set('SMSTSRebootRequested', 'WinPE');
        variables.set('SMSTSRetryRequested', 'true');
        return {};
      },
    });
    const registry = { ...steps, again };
    const [disk] = deploy();
    const report = await run([disk ?? {}, { step: 'Again', type: 'again' }], { registry });
    expect(report.result.succeeded).toBe(false);
    expect(report.result.error?.code).toMatch(/^(simulate\.endless|run\.|step\.)/);
    expect(nodeOf(report, 'Again').attempts).toBeGreaterThan(5);
  });

  it('says what it took for granted', async () => {
    const report = await run([command('A')], { device: { disks: undefined } });
    expect(report.notes).toEqual(['its disks are not described: one of 256 GB is assumed']);
  });
});
