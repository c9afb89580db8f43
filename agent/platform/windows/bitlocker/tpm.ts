import type { TpmState } from '../../../sequence/bitlocker-capability.ts';
import type { QueryCapability } from '../../../sequence/query-capability.ts';
import type { Registry } from '../query/registry.ts';

const ACPI_KEY = 'HKLM\\SYSTEM\\CurrentControlSet\\Enum\\ACPI';

/**
 * The TPM, by `Win32_Tpm` where there is a WMI to ask. Without one, by the devices that Windows found: a TPM
 * 2.0 that the firmware shows is enabled and active; of a TPM 1.2 that cannot be told, and it is taken for so.
 */
export async function windowsTpm(
  {
    query,
    registry,
  }: {
    readonly query: Pick<QueryCapability, 'inventory' | 'wmi'>;
    readonly registry: Pick<Registry, 'tree'>;
  },
  signal: AbortSignal,
): Promise<TpmState> {
  if (query.wmi !== undefined) {
    const row = (await query.inventory(signal))['Win32_Tpm']?.[0];
    if (row) {
      const version = row['SpecVersion'];
      return {
        present: true,
        enabled: row['IsEnabled_InitialValue'] === true,
        activated: row['IsActivated_InitialValue'] === true,
        version: typeof version === 'string' ? (version.split(',')[0]?.trim() ?? null) : null,
      };
    }
  }
  const keys = await registry.tree(ACPI_KEY, '64', signal);
  const has = (id: string): boolean =>
    keys.some(({ key }) => key.toUpperCase().includes(`\\${id}\\`));
  const version = has('MSFT0101') ? '2.0' : has('PNP0C31') ? '1.2' : null;
  const present = version !== null;
  return { present, enabled: present, activated: present, version };
}
