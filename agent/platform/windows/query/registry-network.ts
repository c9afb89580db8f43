import type { WmiInventory } from '../../../sequence/query-capability.ts';
import type { WindowsParts } from './parts.ts';
import type { PrintedKey } from './reg-output.ts';
import { registryData } from './reg-output.ts';
import type { Registry } from './registry.ts';

const INTERFACES = 'HKLM\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters\\Interfaces';

/**
 * `Win32_NetworkAdapterConfiguration` of a Windows without WMI: addresses as the system tells them, gateway
 * and DHCP from the key of the interface that has one of them. Adapters without an address are not known.
 */
export async function registryNetwork(
  { networkInterfaces }: Pick<WindowsParts, 'networkInterfaces'>,
  registry: Registry,
  signal: AbortSignal,
): Promise<WmiInventory> {
  const keys = await registry.tree(INTERFACES, '64', signal);
  const rows = Object.entries(networkInterfaces()).flatMap(([name, addresses]) => {
    const own = (addresses ?? []).filter(({ internal }) => !internal);
    const [first] = own;
    if (first === undefined) return [];
    const ips = own.map(({ address }) => address);
    const key = keys.find(
      (each) =>
        list(each, 'DhcpIPAddress').some((address) => ips.includes(address)) ||
        list(each, 'IPAddress').some((address) => ips.includes(address)),
    );
    const dhcp = key && list(key, 'EnableDHCP')[0] === '1';
    const gateways = key ? list(key, dhcp === true ? 'DhcpDefaultGateway' : 'DefaultGateway') : [];
    return [
      {
        Description: name,
        MACAddress: first.mac.toUpperCase(),
        IPEnabled: true,
        IPAddress: ips,
        IPSubnet: own.map(({ netmask, family, cidr }) =>
          family === 'IPv4' ? netmask : (cidr?.split('/')[1] ?? ''),
        ),
        DefaultIPGateway: gateways.length === 0 ? null : gateways,
        DHCPEnabled: dhcp ?? null,
      },
    ];
  });
  return { Win32_NetworkAdapterConfiguration: rows };
}

/** The strings of a value; an address that is not set is written as zeros. */
function list({ values }: PrintedKey, name: string): string[] {
  const value = values.find((each) => each.name === name);
  if (value === undefined) return [];
  return registryData(value.type, value.data)
    .split('\n')
    .filter((text) => text !== '' && text !== '0.0.0.0');
}
