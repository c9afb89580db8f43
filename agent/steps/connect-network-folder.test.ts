import { describe, expect, it } from 'vitest';
import { StepVariables } from '#agent/sequence/step-variables.ts';
import { Variables } from '#agent/sequence/variables.ts';
import { contentOf } from '#agent/simulated-machine/content.ts';
import { SimulatedMachine } from '#agent/simulated-machine/machine.ts';
import { steps } from './index.ts';
import { faultsOf, simulateStep } from './testing/simulate-step.ts';

describe('M02 connect-network-folder', () => {
  it('connects a share, with variables in the place of its settings', async () => {
    const own = await simulateStep('connect-network-folder', { path: '\\\\srv\\share\\in\\' });
    expect(own.log).toEqual(['Connecting \\\\srv\\share\\in']);
    expect(own.machine.network.folders).toEqual([
      { path: '\\\\srv\\share\\in', drive: null, user: null },
    ]);
    const preset = await simulateStep(
      'connect-network-folder',
      { path: '\\\\srv\\share', driveLetter: 'M:', account: { user: 'a', password: 'b' } },
      {
        variables: {
          SMSConnectNetworkFolderPath: '\\\\other\\x',
          SMSConnectNetworkFolderDriveLetter: 'n',
          SMSConnectNetworkFolderAccount: 'CORP\\reader',
        },
      },
    );
    expect(preset.log).toEqual(['Connecting \\\\other\\x as N:, account CORP\\reader']);
    expect(preset.machine.network.folders).toEqual([
      { path: '\\\\other\\x', drive: 'N', user: 'CORP\\reader' },
    ]);
  });

  it('fails with a code where no machine has a tool for it', async () => {
    const definition = steps['connect-network-folder'];
    const machine = new SimulatedMachine({ disks: [] });
    const { network: _none, ...platform } = machine.start('pe');
    const running = definition?.run(definition.params.parse({ path: '\\\\srv\\share' }), {
      platform,
      content: contentOf([]),
      variables: new StepVariables(Variables.none),
      environment: () => ({}),
      log() {},
      signal: new AbortController().signal,
    });
    await running?.next();
    await expect(running?.next()).rejects.toMatchObject({ code: 'network.unavailable' });
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
