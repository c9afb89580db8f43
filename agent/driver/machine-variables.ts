import type { MachineIdentity } from '../protocol/identity.ts';
import type { VariableChange } from '../protocol/run-event.ts';

/** Built-in variables that only the machine knows, by their names in Configuration Manager. */
export function machineVariables(identity: MachineIdentity): VariableChange[] {
  const values: Readonly<Record<string, string | null>> = {
    _SMSTSBootUEFI: String(identity.firmware === 'uefi'),
    _SMSTSMake: identity.manufacturer,
    _SMSTSModel: identity.model,
    _SMSTSSerialNumber: identity.serialNumber,
    _SMSTSAssetTag: identity.assetTag,
    _SMSTSMacAddresses: identity.macAddresses.join(','),
  };
  return Object.entries(values).flatMap(([name, value]) =>
    value === null || value === '' ? [] : [{ name, value, secret: false }],
  );
}
