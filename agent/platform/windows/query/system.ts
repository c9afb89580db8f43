import type { MachineArchitecture } from '../../../protocol/identity.ts';
import type { SystemFacts } from '../../../sequence/query-capability.ts';
import type { Registry } from './registry.ts';

const CURRENT_VERSION = 'HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion';
const CONTROL = 'HKLM\\SYSTEM\\CurrentControlSet\\Control';
const PRODUCT_TYPES = {
  WinNT: 'client',
  ServerNT: 'server',
  LanmanNT: 'domain-controller',
} as const;
const ARCHITECTURES: Readonly<Record<string, MachineArchitecture>> = {
  amd64: 'x64',
  arm64: 'arm64',
  x86: 'x86',
};

/** The Windows that runs now, from its registry: also where there is no WMI, and in Windows PE. */
export async function windowsSystem(registry: Registry, signal: AbortSignal): Promise<SystemFacts> {
  const text = async (key: string, name: string): Promise<string> =>
    (await registry.read(key, name, signal))?.value?.data ?? '';
  const major = await text(CURRENT_VERSION, 'CurrentMajorVersionNumber');
  const minor = await text(CURRENT_VERSION, 'CurrentMinorVersionNumber');
  const build = await text(CURRENT_VERSION, 'CurrentBuildNumber');
  // Before Windows 10 there is but the text.
  const version =
    major === '' ? await text(CURRENT_VERSION, 'CurrentVersion') : `${major}.${minor}`;
  const type = await text(`${CONTROL}\\ProductOptions`, 'ProductType');
  const language = await text(`${CONTROL}\\Nls\\Language`, 'InstallLanguage');
  const environment = `${CONTROL}\\Session Manager\\Environment`;
  const processor = await text(environment, 'PROCESSOR_ARCHITECTURE');
  return {
    family: 'windows',
    version: `${version}.${build}`,
    architecture: ARCHITECTURES[processor.toLowerCase()] ?? 'x64',
    productType: Object.entries(PRODUCT_TYPES).find(([name]) => name === type)?.[1] ?? null,
    // Hexadecimal digits: 0409.
    language: /^[0-9a-f]{4,8}$/i.test(language) ? Number.parseInt(language, 16) : null,
  };
}
