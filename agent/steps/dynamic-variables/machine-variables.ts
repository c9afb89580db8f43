import type { WmiInventory, WmiRow } from '#agent/sequence/query-capability.ts';

/** As much as a variable holds. */
const MAX_VALUE = 4000;

/**
 * What Set Dynamic Variables gathers of the machine, by the names of the variables (reference: steps,
 * section 6). Lists are joined by commas. What the inventory does not tell is left out.
 */
export function machineVariables(inventory: WmiInventory): ReadonlyMap<string, string> {
  const first = (className: string, property: string): string =>
    (inventory[className] ?? []).map((row) => textOf(row, property)).find(Boolean) ?? '';
  // Adapters without IP are tunnels and the like: their MAC addresses are the same on many machines.
  const adapters = (inventory['Win32_NetworkAdapterConfiguration'] ?? []).filter(
    (row) => row['IPEnabled'] !== false,
  );
  const each = (property: string): string =>
    joined(adapters.flatMap((row) => textsOf(row, property)));
  const values = {
    _SMSTSMake: first('Win32_ComputerSystem', 'Manufacturer'),
    _SMSTSModel: first('Win32_ComputerSystem', 'Model'),
    _SMSTSSerialNumber:
      first('Win32_BIOS', 'SerialNumber') || first('Win32_SystemEnclosure', 'SerialNumber'),
    _SMSTSAssetTag: first('Win32_SystemEnclosure', 'SMBIOSAssetTag'),
    _SMSTSUUID: first('Win32_ComputerSystemProduct', 'UUID'),
    _SMSTSMacAddresses: each('MACAddress'),
    _SMSTSIPAddresses: each('IPAddress'),
    _SMSTSDefaultGateways: each('DefaultIPGateway'),
  };
  return new Map(Object.entries(values).filter(([, value]) => value !== ''));
}

function textOf(row: WmiRow, property: string): string {
  return textsOf(row, property)[0] ?? '';
}

/** Firmware writes what it likes: blanks around it, zeros and line ends in it. */
function textsOf(row: WmiRow, property: string): string[] {
  const value = row[property];
  const texts = typeof value === 'object' && value !== null ? value : [value];
  return texts
    .flatMap((text) => (typeof text === 'string' ? [text] : []))
    .map((text) =>
      text
        .replaceAll(/\p{Cc}+/gu, ' ')
        .trim()
        .slice(0, MAX_VALUE),
    )
    .filter(Boolean);
}

/** Each once, and only whole ones. */
function joined(texts: readonly string[]): string {
  let list = '';
  for (const text of new Set(texts)) {
    const longer = list === '' ? text : `${list},${text}`;
    if (longer.length <= MAX_VALUE) list = longer;
  }
  return list;
}
