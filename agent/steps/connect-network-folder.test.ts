import { describe, expect, it } from 'vitest';
import { faultsOf, simulateStep } from './testing/simulate-step.ts';

describe('M02 connect-network-folder', () => {
  it('connects a share, with variables in the place of its settings', async () => {
    const own = await simulateStep('connect-network-folder', { path: '\\\\srv\\share\\in' });
    expect(own.log).toEqual(['Would connect \\\\srv\\share\\in']);
    const preset = await simulateStep(
      'connect-network-folder',
      { path: '\\\\srv\\share', driveLetter: 'M:' },
      {
        variables: {
          SMSConnectNetworkFolderPath: '\\\\other\\x',
          SMSConnectNetworkFolderDriveLetter: 'n',
        },
      },
    );
    expect(preset.log).toEqual(['Would connect \\\\other\\x as n']);
  });

  it.each([
    [{ path: 'C:\\folder' }, 'path: a share is written'],
    [{ path: '\\\\srv' }, 'path: a share is written'],
    [{ path: '\\\\srv\\share', driveLetter: 'X:' }, 'driveLetter: a drive from D:'],
    [{ path: '\\\\srv\\share', driveLetter: 'C:' }, 'driveLetter: a drive from D:'],
    [{ path: '\\\\srv\\share', account: { user: ' ' } }, 'account.user: needs the name'],
  ])('refuses %j', (params, fault) => {
    expect(faultsOf('connect-network-folder', params)).toEqual([expect.stringContaining(fault)]);
  });
});
