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

  it('takes what is not known for good, and says so', async () => {
    const { result, log, changes } = await simulateStep(
      'check-readiness',
      { memoryMb: 512, osType: 'server', clientMinimumVersion: '5.00.8913.1005', acPower: true },
      { machine: { os: null }, start: 'pe' },
    );
    expect(result).toEqual({});
    expect(log).toContain('512 MB of memory: not known, taken for good');
    expect(Object.values(changes)).toEqual(['1', '1', '1', '1']);
  });

  it('refuses what is no version and no amount', () => {
    expect(faultsOf('check-readiness', { memoryMb: 0, osMinimumVersion: '. .' })).toEqual([
      expect.stringContaining('memoryMb: '),
      'osMinimumVersion: a version is up to four numbers: 10.0.19045',
    ]);
  });
});
