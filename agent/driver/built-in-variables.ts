import type { MachineIdentity } from '../protocol/identity.ts';
import type { RunGrant } from '../protocol/policy.ts';
import type { VariableChange } from '../protocol/run-event.ts';

/**
 * Built-in variables of a run, by their names in Configuration Manager: what the machine says of itself,
 * and what the run was granted as. Runs begin from the network so far: launch mode and media are PXE.
 */
export function builtInVariables(
  identity: MachineIdentity,
  grant: Pick<RunGrant, 'deploymentId' | 'deviceName' | 'sequenceName'>,
): VariableChange[] {
  const values: Readonly<Record<string, string | null>> = {
    _SMSTSAdvertID: grant.deploymentId,
    _SMSTSPackageName: grant.sequenceName,
    _SMSTSMachineName: grant.deviceName,
    _SMSTSLaunchMode: 'PXE',
    _SMSTSMediaType: 'PXE',
    _SMSTSBootUEFI: String(identity.firmware === 'uefi'),
    _SMSTSMake: identity.manufacturer,
    _SMSTSModel: identity.model,
    _SMSTSSerialNumber: identity.serialNumber,
    _SMSTSAssetTag: identity.assetTag,
    _SMSTSUUID: identity.smbiosGuid,
    _SMSTSMacAddresses: identity.macAddresses.join(','),
  };
  return Object.entries(values).flatMap(([name, value]) =>
    value === null || value === '' ? [] : [{ name, value, secret: false }],
  );
}
