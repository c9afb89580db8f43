import type { MachineArchitecture } from '../../protocol/identity.ts';
import type { QueryCapability } from '../../sequence/platform.ts';

/** Questions about a machine that runs Linux: it has no registry, no Windows Installer, no WMI. */
export function linuxQuery(architecture: MachineArchitecture): QueryCapability {
  return {
    path: async () => null,
    registry: undefined,
    software: undefined,
    system: async () => ({
      family: 'linux',
      version: '',
      architecture,
      productType: null,
      language: null,
    }),
    inventory: async () => ({}),
    wmi: undefined,
  };
}
