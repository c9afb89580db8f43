import { describe, expect, it } from 'vitest';
import { StepError } from '#agent/sequence/step.ts';
import { faultsOf, simulateStep } from './testing/simulate-step.ts';

const GIB = 1024 ** 3;
const machine = {
  firmware: 'bios',
  disks: [{ sizeBytes: 100 * GIB }],
  os: { family: 'windows', version: '10.0.19045', productType: 'client', language: 1033 },
  inventory: {
    Win32_ComputerSystem: [{ TotalPhysicalMemory: 4 * GIB }],
    Win32_Processor: [{ MaxClockSpeed: 2400 }],
    Win32_NetworkAdapterConfiguration: [{ IPEnabled: true, Description: 'Some Wireless Adapter' }],
    Win32_Battery: [{ BatteryStatus: 1 }],
    Win32_Tpm: [{ SpecVersion: '2.0, 0, 1.38', IsEnabled_InitialValue: true }],
  },
} as const;

describe('M02 check-readiness', () => {
  it('tells each check that was asked for, 1 for good, and none of the others', async () => {
    const { result, changes } = await simulateStep(
      'check-readiness',
      {
        memoryMb: 4096,
        processorMhz: '2000',
        freeDiskMb: 50_000,
        osType: 'client',
        osArchitecture: '64-bit',
        osMinimumVersion: '10.0.17763',
        osMaximumVersion: '10.0.22000',
        osLanguage: 1033,
        networkConnected: true,
        tpmEnabled: true,
      },
      { machine },
    );
    expect(result).toEqual({});
    expect(changes).toEqual({
      _TS_CRMEMORY: '1',
      _TS_CRSPEED: '1',
      _TS_CRDISK: '1',
      _TS_CROSTYPE: '1',
      _TS_CRARCH: '1',
      _TS_CRMINOSVER: '1',
      _TS_CRMAXOSVER: '1',
      _TS_CROSLANGUAGE: '1',
      _TS_CRNETWORK: '1',
      _TS_CRTPMENABLED: '1',
    });
  });

  it.each([
    ['_TS_CRMEMORY', { memoryMb: 4097 }],
    ['_TS_CRSPEED', { processorMhz: 2401 }],
    ['_TS_CRDISK', { freeDiskMb: 200_000 }],
    ['_TS_CROSTYPE', { osType: 'server' }],
    ['_TS_CRARCH', { osArchitecture: '32-bit' }],
    ['_TS_CRMINOSVER', { osMinimumVersion: '10.0.19046' }],
    ['_TS_CRMAXOSVER', { osMaximumVersion: '10.0.9999' }],
    ['_TS_CROSLANGUAGE', { osLanguage: 1031 }],
    ['_TS_CRACPOWER', { acPower: true }],
    ['_TS_CRWIRED', { networkWired: true }],
    ['_TS_CRUEFI', { uefi: true }],
  ])('fails with 4316 by %s, and has made the others', async (variable, wanted) => {
    const { error, changes } = await simulateStep(
      'check-readiness',
      { ...wanted, tpmEnabled: true },
      { machine },
    );
    expect(error).toBeInstanceOf(StepError);
    expect(error).toMatchObject({ code: 'readiness.failed', exitCode: 4316 });
    expect(changes).toEqual({ [variable]: '0', _TS_CRTPMENABLED: '1' });
  });

  it('fails by what is not known, and says so', async () => {
    const { error, log, changes } = await simulateStep(
      'check-readiness',
      { memoryMb: 512, osType: 'server', acPower: true, uefi: true },
      { machine: { os: null, firmware: 'uefi' }, start: 'pe' },
    );
    expect(error).toMatchObject({
      code: 'readiness.failed',
      exitCode: 4316,
      message:
        'The machine does not have 512 MB of memory (seen: not known); server (seen: client); AC power (seen: not known)',
    });
    expect(log).toContain('512 MB of memory: failed (not known)');
    expect(changes).toEqual({
      _TS_CRMEMORY: '0',
      _TS_CROSTYPE: '0',
      _TS_CRACPOWER: '0',
      _TS_CRUEFI: '1',
    });
  });

  it('does not check the version of a client that is not there: its variable stays blank', async () => {
    const { result, log, changes } = await simulateStep(
      'check-readiness',
      { clientMinimumVersion: '5.00.8913.1005', memoryMb: 512 },
      { machine },
    );
    expect(result).toEqual({});
    expect(changes).toEqual({ _TS_CRMEMORY: '1' });
    expect(log).toContainEqual(expect.stringContaining('5.00.8913.1005: not checked'));
  });

  it('asks the system for the TPM where no WMI tells of one', async () => {
    const { Win32_Tpm: _tpm, ...inventory } = machine.inventory;
    const check = async (pe: 'winpe' | 'linux-pe', tpm = {}) =>
      simulateStep(
        'check-readiness',
        { tpmEnabled: true, tpmActivated: true },
        { machine: { ...machine, pe, inventory: { ...inventory, ...tpm } }, start: 'pe' },
      );
    const good = { _TS_CRTPMENABLED: '1', _TS_CRTPMACTIVATED: '1' };
    expect((await check('winpe')).changes).toEqual(good);
    expect((await check('linux-pe')).error).toMatchObject({
      message: expect.stringContaining('TPM 2.0 (seen: not known)'),
    });
    const told = {
      SpecVersion: '2.0',
      IsEnabled_InitialValue: true,
      IsActivated_InitialValue: true,
    };
    expect((await check('linux-pe', { Win32_Tpm: [told] })).changes).toEqual(good);
    expect((await check('winpe', { Win32_Tpm: [] })).error).toMatchObject({
      message: expect.stringContaining('TPM 2.0 (seen: false)'),
    });
  });

  describe('free disk space', () => {
    const partition = (sizeGib: number, freeGib: number, fileSystem = 'ntfs') => ({
      sizeBytes: sizeGib * GIB,
      freeBytes: freeGib * GIB,
      fileSystem,
    });
    const used = { sizeBytes: 100 * GIB, partitions: [partition(10, 9), partition(80, 20)] };
    const empty = { sizeBytes: 50 * GIB };
    it.each([
      { what: 'a volume, of all', start: 'pe', disks: [used], freeGib: 20 },
      {
        what: 'a disk without partitions, as a whole',
        start: 'pe',
        disks: [used, empty],
        freeGib: 50,
      },
      {
        what: 'nothing of a removable disk',
        start: 'pe',
        disks: [used, { ...empty, removable: true }],
        freeGib: 20,
      },
      {
        what: 'nothing of a partition without a file system',
        start: 'pe',
        disks: [{ sizeBytes: 100 * GIB, partitions: [partition(10, 9), partition(80, 80, '')] }],
        freeGib: 9,
      },
      {
        what: "the system's own volume alone, where one runs",
        start: 'disk',
        disks: [used, empty],
        freeGib: 9,
      },
    ] as const)('is $what', async ({ start, disks, freeGib }) => {
      const check = async (freeDiskMb: number) =>
        (await simulateStep('check-readiness', { freeDiskMb }, { machine: { disks }, start }))
          .changes;
      expect(await check(freeGib * 1024)).toEqual({ _TS_CRDISK: '1' });
      expect(await check(freeGib * 1024 + 1)).toEqual({ _TS_CRDISK: '0' });
    });

    it('is not known where no disk can be read', async () => {
      const disks = [{ sizeBytes: GIB, readOnly: true }];
      const { error } = await simulateStep(
        'check-readiness',
        { freeDiskMb: 1 },
        { machine: { disks }, start: 'pe' },
      );
      expect(error).toMatchObject({ message: expect.stringContaining('seen: not known') });
    });
  });

  it('refuses what is no version and no amount', () => {
    expect(faultsOf('check-readiness', { memoryMb: 0, osMinimumVersion: '. .' })).toEqual([
      expect.stringContaining('memoryMb: '),
      'osMinimumVersion: a version is up to four numbers: 10.0.19045',
    ]);
  });
});
