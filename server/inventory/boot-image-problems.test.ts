import { describe, expect, it } from 'vitest';
import { SequenceId } from '#agent/protocol/identity.ts';
import { bootImageFindings, type CourseImages } from './boot-image-problems.ts';
import type { LedToImage } from './sequence-images.ts';
import { outlineOf } from './sequence-outline.ts';

type Step = Readonly<Record<string, unknown>>;
const ROOT = SequenceId.parse('MW100001');
const CHILD = SequenceId.parse('MW100002');
const documentOf = (steps: readonly Step[]) =>
  JSON.stringify({ name: 'Install', bootImage: { name: 'PE' }, steps });

function findings(
  steps: readonly Step[],
  {
    components = [],
    architecture = 'x64',
    images = {},
    child = [],
    named = true,
  }: {
    /** Null where its package has no list. */
    readonly components?: readonly string[] | null;
    readonly architecture?: LedToImage['architecture'] | null;
    readonly images?: Readonly<Record<string, readonly LedToImage['architecture'][]>>;
    readonly child?: readonly Step[];
    readonly named?: boolean;
  } = {},
) {
  const bootImage: CourseImages['bootImage'] = named
    ? {
        name: 'PE',
        label: '"PE" (MW100009, version 1)',
        architecture,
        components: components ?? undefined,
      }
    : undefined;
  return bootImageFindings(
    {
      id: ROOT,
      outline: outlineOf(documentOf(steps)),
      find: () => ({ id: CHILD, outline: outlineOf(documentOf(child)) }),
    },
    {
      bootImage,
      osImages: ({ reference: { name = '' } }) =>
        (images[name] ?? []).map((of, index) => ({
          name: `image ${index + 1} of ${name}`,
          architecture: of,
        })),
    },
  );
}

const inPe = (operator: 'equals' | 'notEquals') => ({
  kind: 'variable',
  variable: '_SMSTSInWinPE',
  operator,
  value: 'true',
});
const onServer = { kind: 'variable', variable: 'Role', operator: 'equals', value: 'server' };
const script = (more: Step = {}): Step => ({
  step: 'Script',
  type: 'run-powershell',
  params: { script: 'exit 0' },
  ...more,
});
const setup: Step = { step: 'Setup', type: 'setup-windows' };
const restart = (target: 'pe' | 'hd', more: Step = {}): Step => ({
  step: `To ${target}`,
  type: 'restart',
  params: { target },
  ...more,
});
const command = (commandLine: string): Step => ({
  step: 'Command',
  type: 'run-command',
  params: { commandLine },
});
const ask = (query: string, namespace?: string): Step => ({
  step: 'Asks',
  type: 'set-variable',
  params: { name: 'A', value: '1' },
  condition: { kind: 'wmi', query, ...(namespace === undefined ? {} : { namespace }) },
});
const runChild: Step = {
  step: 'Child',
  type: 'run-sequence',
  params: { sequence: { name: 'Child' } },
};
const bitlocker = (skipWithoutTpm: boolean): Step => ({
  step: 'Encrypt',
  type: 'pre-provision-bitlocker',
  params: { destination: { drive: 'C:' }, skipWithoutTpm },
});
const POWERSHELL = ['WinPE-PowerShell', 'WinPE-WMI', 'WinPE-NetFx', 'WinPE-Scripting'];

describe('the components that steps need of a boot image', () => {
  it.each<{ of: string; steps: readonly Step[]; found: 'problem' | 'warning' | 'nothing' }>([
    { of: 'a script in PE', steps: [script()], found: 'problem' },
    { of: 'one that is disabled', steps: [script({ disabled: true })], found: 'nothing' },
    { of: 'one in the new Windows', steps: [setup, script()], found: 'nothing' },
    { of: 'one back in PE', steps: [setup, restart('pe'), script()], found: 'problem' },
    {
      of: 'one behind Sysprep, which goes back to PE',
      steps: [setup, { step: 'Sysprep', type: 'prepare-windows' }, script()],
      found: 'problem',
    },
    { of: 'one behind a restart', steps: [restart('hd'), script()], found: 'nothing' },
    {
      of: 'one behind a restart that may be',
      steps: [restart('hd', { condition: onServer }), script()],
      found: 'warning',
    },
    {
      of: 'one behind a restart to PE that is for Windows',
      steps: [restart('pe', { condition: inPe('notEquals') }), script()],
      found: 'problem',
    },
    { of: 'one that may run', steps: [script({ condition: onServer })], found: 'warning' },
    { of: 'one for PE', steps: [script({ condition: inPe('equals') })], found: 'problem' },
    { of: 'one for Windows', steps: [script({ condition: inPe('notEquals') })], found: 'nothing' },
    {
      of: 'one in a group for Windows',
      steps: [{ group: 'G', condition: { all: [inPe('notEquals'), onServer] }, steps: [script()] }],
      found: 'nothing',
    },
    { of: 'one that may fail', steps: [script({ continueOnError: true })], found: 'warning' },
    {
      of: 'one in a group that may fail',
      steps: [{ group: 'G', continueOnError: true, steps: [script()] }],
      found: 'warning',
    },
    { of: 'BitLocker that is to be there', steps: [bitlocker(false)], found: 'problem' },
    { of: 'BitLocker where there is a TPM', steps: [bitlocker(true)], found: 'warning' },
    {
      of: 'a check of AC power',
      steps: [{ step: 'Ready', type: 'check-readiness', params: { acPower: true } }],
      found: 'problem',
    },
    {
      of: 'a check of memory',
      steps: [{ step: 'Ready', type: 'check-readiness', params: { memoryMb: 1 } }],
      found: 'nothing',
    },
    { of: 'powershell.exe', steps: [command('powershell.exe -File x.ps1')], found: 'warning' },
    {
      of: 'cscript by its path',
      steps: [command('"X:\\Windows\\System32\\CScript.exe" a.vbs')],
      found: 'warning',
    },
    { of: 'mshta behind cmd', steps: [command('cmd.exe /s /c mshta x.hta')], found: 'warning' },
    { of: 'another command', steps: [command('wpeutil reboot')], found: 'nothing' },
    { of: 'WMI for a disk', steps: [ask('SELECT * FROM Win32_DiskDrive')], found: 'warning' },
    {
      of: 'WMI for what the agent knows',
      steps: [ask("select * from win32_computersystem where Model like '%5530%'")],
      found: 'nothing',
    },
    {
      of: 'WMI elsewhere',
      steps: [ask('SELECT * FROM Win32_BIOS', 'root\\dell')],
      found: 'warning',
    },
  ])('$of: $found', ({ steps, found }) => {
    const { problems, warnings } = findings(steps);
    const all = [...problems, ...warnings];
    expect(all).toHaveLength(found === 'nothing' ? 0 : 1);
    expect(problems).toHaveLength(found === 'problem' ? 1 : 0);
    for (const { code } of all) expect(code).toBe('boot-image.component');
    const everything = [...POWERSHELL, 'WinPE-SecureStartup', 'WinPE-EnhancedStorage', 'WinPE-HTA'];
    expect(findings(steps, { components: everything })).toEqual({ problems: [], warnings: [] });
  });

  it('names step, components, boot image and what to do', () => {
    expect(findings([script()], { components: ['winpe-wmi', 'WinPE-Scripting'] }).problems).toEqual(
      [
        {
          code: 'boot-image.component',
          message:
            'Step "Script" (steps[0]) needs WinPE-PowerShell, WinPE-NetFx: not in the boot image "PE" (MW100009, version 1)',
          hint: expect.stringContaining('metalwright boot-image add <winpe.wim> --name "PE"'),
          path: 'steps[0]',
          step: 'Script',
        },
      ],
    );
    const [warning] = findings([ask('SELECT * FROM Win32_DiskDrive')]).warnings;
    expect(warning?.message).toContain(
      'The condition of "Asks" (steps[0]) asks WMI for Win32_DiskDrive, and counts as false without WinPE-WMI',
    );
  });

  it('is a warning where only what a program needs beside itself is missing', () => {
    const found = findings([script()], { components: ['WinPE-PowerShell', 'WinPE-WMI'] });
    expect(found.problems).toEqual([]);
    expect(found.warnings[0]?.message).toContain('needs WinPE-NetFx, WinPE-Scripting: not in');
  });

  it('follows a child from where it is run, and goes on where it ends', () => {
    const inChild = findings([runChild], { child: [script()] });
    expect(inChild.problems).toMatchObject([{ path: 'steps[0].child.steps[0]', step: 'Script' }]);
    expect(findings([setup, runChild], { child: [script()] }).problems).toEqual([]);
    expect(findings([runChild, script()], { child: [setup] })).toEqual({
      problems: [],
      warnings: [],
    });
    const maybe = { ...runChild, condition: onServer };
    expect(findings([maybe, script()], { child: [setup] })).toMatchObject({
      problems: [],
      warnings: [{ path: 'steps[1]' }],
    });
  });

  it('says who finds out where the boot image has no list, and nothing where no step needs one', () => {
    const { problems, warnings } = findings([script(), bitlocker(true)], { components: null });
    expect(problems).toEqual([]);
    expect(warnings).toEqual([
      {
        code: 'boot-image.components-unknown',
        message:
          'It is not known which optional components the boot image "PE" (MW100009, version 1) has; needed are WinPE-PowerShell ("Script"); WinPE-WMI ("Script", "Encrypt"); WinPE-NetFx ("Script"); WinPE-Scripting ("Script"); WinPE-SecureStartup ("Encrypt"); WinPE-EnhancedStorage ("Encrypt")',
        hint: 'Have the server look: metalwright boot-image rebuild "PE"',
        path: 'bootImage',
      },
    ]);
    expect(findings([setup], { components: null }).warnings).toEqual([]);
  });

  it('says nothing of Linux PE, which has none', () => {
    expect(findings([script()], { named: false })).toEqual({ problems: [], warnings: [] });
  });
});

const apply = (name: string, more: Step = {}): Step => ({
  step: `Apply ${name}`,
  type: 'apply-image',
  params: { image: { name }, destination: 'next-available' },
  ...more,
});

describe('M43 the boot image and the images that are applied from it', () => {
  const images = { Arm: ['arm64'], Pc: ['x64'], Both: ['x64', 'arm64'] } as const;
  const reason =
    'image 1 of Arm is for arm64; the boot image "PE" (MW100009, version 1) is for x64: no machine starts both';

  it('M43 refuses one that no machine starts with it, naming both sides', () => {
    expect(findings([apply('Arm')], { images })).toEqual({
      problems: [
        {
          code: 'image.architecture',
          message: `Step "Apply Arm" (steps[0].params.image): ${reason}`,
          hint: expect.stringContaining('bootImage'),
          path: 'steps[0].params.image',
          step: 'Apply Arm',
        },
      ],
      warnings: [],
    });
    expect(findings([apply('Arm')], { images, architecture: 'arm64' }).problems).toEqual([]);
    expect(findings([runChild], { images, child: [apply('Arm')] }).problems).toMatchObject([
      { path: 'steps[0].child.steps[0].params.image' },
    ]);
  });

  it('M43 warns of it where another step applies one that fits, and passes over what is not known', () => {
    const { problems, warnings } = findings([apply('Arm'), apply('Pc')], { images });
    expect(problems).toEqual([]);
    expect(warnings).toMatchObject([{ code: 'image.architecture', step: 'Apply Arm' }]);
    const unknown = { problems: [], warnings: [] };
    expect(findings([apply('Both')], { images: { Both: [] } })).toEqual(unknown);
    expect(findings([apply('Arm')], { images, architecture: null })).toEqual(unknown);
  });

  it('M43 warns of what Linux PE cannot install, where no boot image is named', () => {
    const { problems, warnings } = findings([apply('Arm')], { images, named: false });
    expect(problems).toEqual([]);
    expect(warnings[0]?.message).toContain('Linux PE, which machines start where');
    expect(findings([apply('Pc')], { images, named: false }).warnings).toEqual([]);
  });
});
