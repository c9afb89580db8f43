import { expect, it } from 'vitest';
import { DeploymentId, MachineIdentity } from '../protocol/identity.ts';
import { builtInVariables } from './built-in-variables.ts';

it('M11 tells a run its machine and itself, and leaves out what is not known', () => {
  const identity = MachineIdentity.parse({
    smbiosGuid: '4C4C4544-0042-3510-8052-B4C04F4E3132',
    macAddresses: ['52:54:00:77:00:01', '52:54:00:77:00:02'],
    serialNumber: 'LAB0001',
    assetTag: null,
    manufacturer: 'Acme, Inc.',
    model: '',
    architecture: 'x64',
    firmware: 'uefi',
    secureBoot: false,
    memoryBytes: 1024,
  });
  const grant = {
    deploymentId: DeploymentId.parse('MW120001'),
    deviceName: 'PC01',
    sequenceName: 'Debian 12',
  };
  const variables = builtInVariables(identity, grant);
  expect(Object.fromEntries(variables.map(({ name, value }) => [name, value]))).toEqual({
    _SMSTSAdvertID: 'MW120001',
    _SMSTSPackageName: 'Debian 12',
    _SMSTSMachineName: 'PC01',
    _SMSTSLaunchMode: 'PXE',
    _SMSTSMediaType: 'PXE',
    _SMSTSBootUEFI: 'true',
    _SMSTSMake: 'Acme, Inc.',
    _SMSTSSerialNumber: 'LAB0001',
    _SMSTSUUID: '4c4c4544-0042-3510-8052-b4c04f4e3132',
    _SMSTSMacAddresses: '52:54:00:77:00:01,52:54:00:77:00:02',
  });
});
