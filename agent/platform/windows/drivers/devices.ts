import type { HardwareDevice } from '../../../sequence/windows-capability.ts';
import { registryData } from '../query/reg-output.ts';
import type { Registry } from '../query/registry.ts';

const ENUM_KEY = 'HKLM\\SYSTEM\\CurrentControlSet\\Enum';
const MAX_DEVICES = 4096;

/**
 * The devices that Plug and Play knows, from the registry: what a Windows PE, which begins anew, has there is
 * what is in the machine. Names of values are the same in every language. Unlike `pnputil /enum-devices` it
 * is there in every version.
 */
export async function windowsDevices(
  registry: Pick<Registry, 'tree'>,
  signal: AbortSignal,
): Promise<HardwareDevice[]> {
  const keys = await registry.tree(ENUM_KEY, '64', signal);
  const devices = keys.flatMap(({ key, values }): HardwareDevice[] => {
    const read = (name: string): string => {
      const value = values.find((each) => each.name.toLowerCase() === name);
      return value ? registryData(value.type, value.data) : '';
    };
    const ids = (name: string): string[] =>
      read(name)
        .split('\n')
        .map((id) => id.trim().toUpperCase())
        .filter((id) => id !== '');
    const hardwareIds = ids('hardwareid');
    if (hardwareIds.length === 0) return [];
    // A name may stand in an INF file: `@oem1.inf,%name%;Intel Card`.
    const name = (read('friendlyname') || read('devicedesc')).replace(/^@[^;]*;/, '').trim();
    return [
      {
        name: name === '' ? key.replace(/^.*\\Enum\\/i, '') : name,
        hardwareIds,
        compatibleIds: ids('compatibleids'),
      },
    ];
  });
  return devices.slice(0, MAX_DEVICES);
}
