import type { QueryCapability, WmiInventory } from '../../../sequence/query-capability.ts';
import { type Cim, type CimClass, openCim } from './cim.ts';
import type { WindowsParts } from './parts.ts';
import { windowsPath } from './path.ts';
import { openRegistry } from './registry.ts';
import { registryInventory } from './registry-inventory.ts';
import { registryNetwork } from './registry-network.ts';
import { installedProducts } from './software.ts';
import { windowsSystem } from './system.ts';

const cimv2 = (name: string): CimClass => ({ namespace: 'root\\cimv2', name: `Win32_${name}` });
const LASTING_CLASSES: readonly CimClass[] = [
  'ComputerSystem',
  'ComputerSystemProduct',
  'BIOS',
  'BaseBoard',
  'SystemEnclosure',
  'DiskDrive',
  'Processor',
  'PhysicalMemory',
  'OperatingSystem',
].map(cimv2);
const TPM: CimClass = { namespace: 'root\\cimv2\\Security\\MicrosoftTpm', name: 'Win32_Tpm' };
/** Read anew each time: they change while a sequence runs. */
const PASSING_CLASSES = ['NetworkAdapter', 'NetworkAdapterConfiguration', 'Battery'].map(cimv2);

/**
 * Questions about a machine that runs Windows or Windows PE. Whether there is a WMI to ask is seen from
 * its files: PowerShell, its CIM commands and WMI's service; each is an optional part of Windows PE.
 */
export async function openWindowsQuery(parts: WindowsParts): Promise<QueryCapability> {
  const registry = openRegistry(parts, parts.view);
  // What the agent itself looks up is never meant as a 32-bit program sees it.
  const native = openRegistry(parts, '64');
  const cim = await findCim(parts);
  let lasting: Promise<WmiInventory> | undefined;

  const readLasting = async (signal: AbortSignal): Promise<WmiInventory> => {
    if (cim) return cim.instances([...LASTING_CLASSES, TPM], signal);
    const system = await windowsSystem(native, signal);
    return registryInventory(parts, { registry: native, system }, signal);
  };
  return {
    path: async (request, signal) => windowsPath(request, parts, signal),
    registry: async ({ key, valueName }, signal) => registry.read(key, valueName, signal),
    software: async (signal) => installedProducts(native, signal),
    system: async (signal) => windowsSystem(native, signal),
    async inventory(signal) {
      lasting ??= readLasting(signal).catch((error: unknown) => {
        lasting = undefined;
        throw error;
      });
      const passing = cim
        ? await cim.instances(PASSING_CLASSES, signal)
        : await registryNetwork(parts, native, signal);
      return { ...(await lasting), ...passing };
    },
    wmi: cim && (async ({ namespace, query }, signal) => cim.hasRow(namespace, query, signal)),
  };
}

async function findCim(parts: WindowsParts): Promise<Cim | undefined> {
  const { environment, withFile } = parts;
  const root = Object.entries(environment).find(([name]) => name.toLowerCase() === 'systemroot');
  const system = `${root?.[1] ?? 'C:\\Windows'}\\System32`;
  const powershell = `${system}\\WindowsPowerShell\\v1.0\\powershell.exe`;
  const needed = [
    ['file', powershell],
    ['folder', `${system}\\WindowsPowerShell\\v1.0\\Modules\\CimCmdlets`],
    ['file', `${system}\\wbem\\WmiPrvSE.exe`],
  ] as const;
  for (const [kind, path] of needed)
    if (!(await withFile(path, async (found) => found?.kind === kind))) return undefined;
  return openCim(parts, powershell);
}
