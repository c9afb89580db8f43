import { describe, expect, it } from 'vitest';
import { simulateStep } from './testing/simulate-step.ts';

const type = 'capture-windows-settings';
const machine = {
  inventory: {
    Win32_ComputerSystem: [{ Name: 'OLD-PC' }],
    Win32_OperatingSystem: [{ RegisteredUser: 'Ann', Organization: 'Works' }],
    Win32_TimeZone: [{ StandardName: 'GMT Standard Time' }],
  },
};

describe('M02 capture-windows-settings', () => {
  it('sets what it finds, each where its flag says so', async () => {
    const { changes } = await simulateStep(type, {}, { machine });
    expect(changes).toEqual({
      OSDComputerName: 'OLD-PC',
      OSDRegisteredUserName: 'Ann',
      OSDRegisteredOrgName: 'Works',
      OSDTimeZone: 'GMT Standard Time',
    });
    const variables = { OSDMigrateTimeZone: 'false' };
    const some = await simulateStep(type, { registration: false }, { machine, variables });
    expect(some.changes).toEqual({ OSDComputerName: 'OLD-PC' });
  });

  it('sets nothing that is not known, but the name that the run has for the machine', async () => {
    const variables = { _SMSTSMachineName: 'MININT-1' };
    const { changes, log } = await simulateStep(type, {}, { variables, start: 'pe' });
    expect(changes).toEqual({ OSDComputerName: 'MININT-1' });
    expect(log).toContain('OSDTimeZone is not known');
  });
});
