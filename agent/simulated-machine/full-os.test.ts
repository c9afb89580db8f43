import { describe, expect, it } from 'vitest';
import { parseTaskSequence } from '#agent/sequence/schema.ts';
import { steps } from '#agent/steps/index.ts';
import { SimulatedDevice } from './device.ts';
import { deviceMachine } from './device-machine.ts';
import { SimulatedMachine } from './machine.ts';
import { simulate } from './simulate.ts';

const office = {
  name: 'OFFICE',
  firmware: 'uefi',
  architecture: 'x64',
  pe: 'winpe',
  starts: 'full-os',
  os: { family: 'windows', version: '10.0.19045', productType: 'client' },
};
const signal = new AbortController().signal;

async function run(nodes: readonly object[], device: object = {}) {
  const sequence = parseTaskSequence({ name: 'Test', steps: nodes }, steps);
  return simulate({
    sequence,
    registry: steps,
    device: SimulatedDevice.parse({ ...office, ...device }),
    content: { packages: [], others: 'assumed' },
  });
}
const say = (name: string, more: object = {}) => ({
  step: name,
  type: 'run-command',
  params: { commandLine: 'say %_SMSTSLaunchMode% %_SMSTSMediaType% %_SMSTSInWinPE%' },
  ...more,
});
const toPe = { step: 'To the PE', type: 'restart', params: { target: 'pe' } };
const toDisk = { step: 'To the disk', type: 'restart', params: { target: 'hd' } };
const format = {
  step: 'Format',
  type: 'format-disk',
  params: {
    partitions: [
      { type: 'efi', size: { mb: 500 } },
      { name: 'Windows', variable: 'OSDisk' },
    ],
  },
};
const apply = { step: 'Apply', type: 'apply-image', params: { image: { name: 'Windows 11' } } };

describe('a run that begins in the installed operating system', () => {
  it('is in it until it restarts to the PE, and in the new one after that', async () => {
    const report = await run([
      say('Before'),
      toPe,
      say('In PE'),
      format,
      apply,
      toDisk,
      say('After'),
    ]);
    expect(report.result).toMatchObject({ succeeded: true, error: null });
    expect(report.nodes.map(({ name, environment }) => `${name}: ${environment}`)).toEqual([
      'Before: full-os',
      'To the PE: full-os',
      'In PE: winpe',
      'Format: winpe',
      'Apply: winpe',
      'To the disk: winpe',
      'After: full-os',
    ]);
    expect(report.nodes[0]?.setting).toContain('say SMS  false');
    expect(report.nodes[2]?.setting).toContain('say SMS  true');
    expect(report.device.facts).toContain('starts in its operating system');
  });

  it('answers conditions by that system', async () => {
    const windows10 = {
      kind: 'os-version',
      platforms: [{ name: 'Windows 10', minVersion: '10.0.10240', maxVersion: '10.0.19999' }],
    };
    const report = await run([say('On Windows 10', { condition: windows10 })]);
    expect(report.nodes[0]?.outcome).toBe('runs');
  });

  it('refuses steps of the PE there', async () => {
    const report = await run([format]);
    expect(report.result.error?.code).toBe('step.environment');
  });

  it('comes back to the system that is there, as long as it is', async () => {
    const kept = await run([toPe, toDisk, say('Back')]);
    expect(kept.result.succeeded).toBe(true);
    const gone = await run([toPe, format, toDisk]);
    expect(gone.result.error?.code).toBe('restart.not-bootable');
  });

  it('has PowerShell in Windows, whatever the PE has', async () => {
    const script = { step: 'Script', type: 'run-powershell', params: { script: 'Get-Date' } };
    expect((await run([script], { pe: 'linux-pe' })).result.succeeded).toBe(true);
    const inPe = await run([toPe, script], { pe: 'linux-pe' });
    expect(inPe.result.error?.code).toBe('powershell.missing');
  });

  it('may also begin in Linux', async () => {
    const device = { pe: 'linux-pe', os: { family: 'linux', version: '12' } };
    const report = await run([say('Before'), toPe, say('In PE')], device);
    expect(report.nodes.map(({ environment }) => environment)).toEqual([
      'full-os',
      'full-os',
      'linux-pe',
    ]);
  });

  it('assumes a disk that has it where none is described', async () => {
    const report = await run([toPe, apply]);
    expect(report.notes[0]).toBe(
      'its disks are not described: one of 256 GB with its operating system is assumed',
    );
    expect(report.result.succeeded).toBe(true);
  });
});

describe('a machine whose first system is replaced', () => {
  it('has none while the image is applied over it', async () => {
    const machine = new SimulatedMachine(deviceMachine(SimulatedDevice.parse(office)));
    const { disk, image, boot } = machine.start('pe');
    expect(await boot.bootable(signal)).toBe(true);
    const volume = (await disk.list(signal))[0]?.partitions[1]?.volume ?? '';
    const source = { path: 'a.wim', sizeBytes: 0, read: async () => new Uint8Array() };
    const request = { source, index: 1, volume, fileSystem: 'ntfs', expectedBytes: 0 } as const;
    for await (const _ of image.apply(request, signal)) break;
    expect(await boot.bootable(signal)).toBe(false);
  });
});

describe('a device file that says starts: full-os', () => {
  const problems = (device: object) =>
    SimulatedDevice.safeParse({ ...office, ...device }).error?.issues.map(
      ({ path, message }) => `${path.join('.')}: ${message}`,
    );

  it.each([
    [{ os: undefined }, 'os: is needed where the run begins in it'],
    [{ disks: [] }, 'disks: has none for the operating system'],
    [{ disks: [{ sizeGb: 10 }] }, 'disks.0.partitions: has no formatted partition'],
    [
      { disks: [{ sizeGb: 10, partitions: [{ sizeGb: 5 }] }] },
      'disks.0.partitions: has no formatted partition',
    ],
  ])('is refused for %j', (device, told) => {
    expect(problems(device)?.join()).toContain(told);
  });

  it('needs none of it where it starts the PE', () => {
    expect(problems({ starts: 'pe', os: undefined, disks: [] })).toBeUndefined();
  });
});
