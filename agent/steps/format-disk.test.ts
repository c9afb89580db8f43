import { describe, expect, it } from 'vitest';
import { checkSteps, GB, linuxDisk, runSteps } from './testing/run-step.ts';

const format = (params: object) => ({
  type: 'format-disk',
  params: { partitions: [{ fileSystem: 'ext4' }], ...params },
});

describe('M55 format-disk', () => {
  it('partitions and formats, and names volumes for later steps', async () => {
    const { machine, value, state, log } = await runSteps({
      steps: [linuxDisk],
      machine: { disks: [{ sizeBytes: 20 * GB, signatures: ['linux_raid_member', 'lvm2'] }] },
    });
    expect(state.result?.succeeded).toBe(true);
    const [disk] = machine.storage.list();
    expect(disk?.signatures).toEqual([]);
    expect(disk?.partitions).toMatchObject([
      { number: 1, type: 'efi', label: 'EFI', fileSystem: 'fat32' },
      { number: 2, type: 'primary', label: 'root', fileSystem: 'ext4' },
    ]);
    expect(value('OSVolume')).toBe(disk?.partitions[1]?.volume);
    expect(log.join()).toContain('erasing linux_raid_member, lvm2');
  });

  it.each([
    ['by number', { disk: 1 }, {}, 1],
    ['by the text of a variable', { disk: '%Target%' }, { Target: '2' }, 2],
    ['by a variable that holds it', { disk: { variable: 'Target' } }, { Target: ' 1 ' }, 1],
    ['by OSDDiskIndex, before its own number', { disk: 0 }, { OSDDiskIndex: '2' }, 2],
    ['the first', { disk: { choose: 'first' } }, {}, 0],
    ['the smallest', { disk: { choose: 'smallest' } }, {}, 1],
    ['the largest', { disk: { choose: 'largest' } }, {}, 2],
    ['the smallest of some size', { disk: { choose: 'smallest', minGb: 15 } }, {}, 0],
    ['by serial', { disk: { choose: 'first', serial: 'sim2' } }, {}, 2],
    [
      'by the text of a serial in a variable',
      { disk: { choose: 'only', serial: '%S%' } },
      { S: 'SIM0' },
      0,
    ],
    ['by model, with any text for a star', { disk: { choose: 'first', model: 'acme*pro' } }, {}, 2],
    ['by bus', { disk: { choose: 'largest', bus: ['sata', 'sas'] } }, {}, 1],
    ['by the most it may have', { disk: { choose: 'largest', maxGb: 15 } }, {}, 1],
    ['the only one that fits', { disk: { choose: 'only', bus: ['nvme'], minGb: 25 } }, {}, 2],
    [
      'a removable one that is named by serial',
      { disk: { choose: 'only', serial: 'sim3' }, allowRemovable: true },
      {},
      3,
    ],
    [
      'a removable one that is named by bus',
      { disk: { choose: 'smallest', bus: ['usb'] }, allowRemovable: true },
      {},
      3,
    ],
    [
      'the smallest, not a removable one that a rule does not name',
      { disk: { choose: 'smallest' }, allowRemovable: true },
      {},
      1,
    ],
    [
      'the smallest, not the boot medium',
      { disk: { choose: 'smallest' }, allowBootMedium: true, allowRemovable: true },
      {},
      1,
    ],
    [
      'the boot medium that is named',
      { disk: { choose: 'only', model: 'stick' }, allowBootMedium: true, allowRemovable: true },
      {},
      5,
    ],
    [
      'the boot medium by its number',
      { disk: 5, allowBootMedium: true, allowRemovable: true },
      {},
      5,
    ],
  ])('chooses the disk %s', async (_name, params, variables, number) => {
    const { machine } = await runSteps({
      steps: [format(params)],
      variables,
      machine: {
        disks: [
          { sizeBytes: 20 * GB, bus: 'nvme', model: 'ACME Lite' },
          { sizeBytes: 10 * GB, bus: 'sata' },
          { sizeBytes: 30 * GB, bus: 'nvme', model: 'ACME 990 Pro ' },
          { sizeBytes: GB, removable: true, bus: 'usb' },
          { sizeBytes: 90 * GB, readOnly: true, bus: 'sas' },
          { sizeBytes: GB, removable: true, bus: 'sd', model: 'Stick', bootMedium: true },
        ],
      },
    });
    const made = machine.storage.list().filter(({ partitions }) => partitions.length > 0);
    expect(made.map((disk) => disk.number)).toEqual([number]);
  });

  it.each([
    ['a disk that is missing', format({ disk: 7 }), {}, 'disk.missing'],
    ['no disk by rule', format({ disk: { choose: 'first', minGb: 99 } }), {}, 'disk.missing'],
    ['a disk that is read-only', format({ disk: 1 }), {}, 'disk.read-only'],
    ['a disk that is removable', format({ disk: 2 }), {}, 'disk.removable'],
    [
      'a removable disk by its serial',
      format({ disk: { choose: 'only', serial: 'SIM2' } }),
      {},
      'disk.removable',
    ],
    [
      'a read-only disk by its serial',
      format({ disk: { choose: 'only', serial: 'SIM1' } }),
      {},
      'disk.read-only',
    ],
    ['the boot medium', format({ disk: 3 }), {}, 'disk.boot-medium'],
    [
      'the boot medium by bus, as it is removable',
      format({ disk: { choose: 'first', bus: ['sd'] }, allowRemovable: true }),
      {},
      'disk.boot-medium',
    ],
    [
      'the boot medium, removable all the same',
      format({ disk: 3, allowBootMedium: true }),
      {},
      'disk.removable',
    ],
    [
      'two disks for one',
      format({ disk: { choose: 'only', model: 'twin *' } }),
      {},
      'disk.ambiguous',
    ],
    [
      'a bus that no disk is on',
      format({ disk: { choose: 'first', bus: ['fc'] } }),
      {},
      'disk.missing',
    ],
    ['a variable without value', format({ disk: { variable: 'X' } }), {}, 'disk.variable'],
    [
      'a variable that is no number',
      format({ disk: { variable: 'X' } }),
      { X: 'C:' },
      'disk.variable',
    ],
    ['an OSDDiskIndex that is no number', format({}), { OSDDiskIndex: 'C:' }, 'step.params'],
    ['a disk too small', format({ partitions: [{ size: { gb: 21 } }] }), {}, 'disk.too-small'],
  ])('refuses %s, before the start and when it runs', async (_name, step, variables, code) => {
    const run = {
      steps: [step],
      variables,
      machine: {
        disks: [
          { sizeBytes: 20 * GB },
          { sizeBytes: 20 * GB, readOnly: true },
          { sizeBytes: 20 * GB, removable: true },
          { sizeBytes: 20 * GB, removable: true, bus: 'sd' as const, bootMedium: true },
          { sizeBytes: GB, model: 'Twin 1' },
          { sizeBytes: GB, model: 'Twin 2' },
        ],
      },
    };
    const { findings, untouched } = await checkSteps(run);
    expect(findings).toMatchObject([{ stepId: '0', name: 'S1', error: { code }, fatal: true }]);
    expect(untouched).toBe(true);
    const { state, machine } = await runSteps(run);
    expect(state.result?.error?.code).toBe(code);
    expect(machine.storage.list().every(({ partitions }) => partitions.length === 0)).toBe(true);
  });

  it.each([
    ['for all such steps', 'OSDDiskIndex', '1', 0, []],
    ['that the step names', 'Which', '%One%', { variable: 'Which' }, []],
    ['only sometimes', 'OSDDiskIndex', '1', 0, ['disk.read-only']],
  ])(
    'is judged by the disk that a step before it sets %s',
    async (when, name, value, disk, codes) => {
      const condition = { kind: 'variable', variable: 'Rarely', operator: 'exists' };
      const set = {
        type: 'set-variable',
        params: { name, value },
        ...(when === 'only sometimes' ? { condition } : {}),
      };
      const run = {
        steps: [set, format({ disk })],
        variables: { One: '1' },
        machine: { disks: [{ sizeBytes: 20 * GB, readOnly: true }, { sizeBytes: 20 * GB }] },
      };
      const { findings } = await checkSteps(run);
      expect(findings.map(({ error }) => error.code)).toEqual(codes);
      const { state } = await runSteps(run);
      expect(state.result?.succeeded).toBe(codes.length === 0);
    },
  );

  it('takes a removable disk where that is meant', async () => {
    const { state } = await runSteps({
      steps: [format({ allowRemovable: true })],
      machine: { disks: [{ sizeBytes: GB, removable: true }] },
    });
    expect(state.result?.succeeded).toBe(true);
  });

  it('names those that are meant both', async () => {
    const { state } = await runSteps({
      steps: [format({ disk: { choose: 'only', bus: ['sata', 'nvme'], maxGb: 30 } })],
      machine: {
        disks: [
          { sizeBytes: 20 * GB, bus: 'sata' },
          { sizeBytes: 8 * GB, bus: 'nvme' },
        ],
      },
    });
    expect(state.result?.error?.message).toBe(
      '2 disks are meant by "the only disk on sata or nvme of at most 30 GB": disk 0: Simulated Disk, serial SIM0, 21 GB (sata); disk 1: Simulated Disk, serial SIM1, 8.6 GB (nvme)',
    );
  });

  it('takes no rule that no disk could fit', async () => {
    const { state } = await runSteps({
      steps: [format({ disk: { choose: 'first', minGb: '%Min%', maxGb: 10 } })],
      variables: { Min: '20' },
    });
    expect(state.result?.error).toMatchObject({ code: 'step.params' });
  });

  it('tells which disks there are', async () => {
    const { state } = await runSteps({ steps: [format({ disk: 7 })] });
    expect(state.result?.error?.message).toBe(
      `There is no such disk: disk 7. This machine has 0 (Simulated Disk, ${20 * GB} bytes)`,
    );
  });
});

describe('M02 a change from BIOS to UEFI', () => {
  const disk = (variable: string) => ({
    type: 'format-disk',
    params: { partitions: [{ name: 'Start', fileSystem: 'fat32', size: { gb: 1 }, variable }] },
  });
  it('is refused before the first step, and when it runs', async () => {
    const run = { steps: [disk('tsuefidrive')] };
    const { findings, untouched } = await checkSteps(run);
    const error = {
      code: 'step.later',
      message: expect.stringMatching(
        /partition with the variable TSUEFIDrive, at the next Restart Computer/,
      ),
    };
    expect(findings).toMatchObject([{ error, fatal: true }]);
    expect(untouched).toBe(true);
    const { state, machine } = await runSteps(run);
    expect(state.result?.error).toMatchObject(error);
    expect(machine.storage.list()[0]?.partitions).toEqual([]);
  });

  it('is not meant by any other variable', async () => {
    expect((await checkSteps({ steps: [disk('UEFIDrive')] })).findings).toEqual([]);
  });
});
