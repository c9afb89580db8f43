import type { NetworkAdapter } from '#agent/steps/network-adapters.ts';
import { subnetPrefix } from './subnet-prefix.ts';
import {
  component,
  element,
  listItem,
  type ProcessorArchitecture,
  type UnattendComponent,
  type UnattendElement,
} from './unattend.ts';
import { UnattendError } from './unattend-error.ts';

/** Global settings of the DNS client. */
export interface DnsSettings {
  readonly dnsDomain?: string | undefined;
  readonly dnsSuffixes?: string | undefined;
}

interface IdentifiedAdapter {
  readonly identifier: string;
  readonly adapter: NetworkAdapter;
}

/** What NetBT calls the three choices. */
const netbiosOptions = { dhcp: '0', enabled: '1', disabled: '2' } as const;

/**
 * The components of specialize that set addresses, DNS and NetBIOS of each adapter. An adapter is known
 * by its MAC address; those without one are taken in their order from `macAddresses`, the machine's own.
 * @throws {UnattendError} `unattend.adapter`, `unattend.subnet-mask`
 */
export function adapterComponents(
  adapters: readonly NetworkAdapter[],
  dns: DnsSettings,
  {
    macAddresses,
    architecture,
  }: {
    readonly macAddresses: readonly string[];
    readonly architecture: ProcessorArchitecture;
  },
): readonly UnattendComponent[] {
  const known = identified(adapters, macAddresses);
  const make = (name: string, elements: readonly UnattendElement[]) =>
    component(`Microsoft-Windows-${name}`, architecture, elements);
  return [
    make('TCPIP', interfaces(known, tcpIp)),
    make('DNS-Client', [...globalDns(dns), ...interfaces(known, dnsClient)]),
    make('NetBT', [
      ...(known.length === 0
        ? []
        : [element('EnableLMHosts', String(known.some(({ adapter }) => adapter.lmhosts)))]),
      ...interfaces(known, netBt),
    ]),
  ];
}

function interfaces(
  adapters: readonly IdentifiedAdapter[],
  settingsOf: (adapter: NetworkAdapter) => readonly UnattendElement[],
): readonly UnattendElement[] {
  const items = adapters.flatMap(({ identifier, adapter }) => {
    const settings = settingsOf(adapter);
    if (settings.length === 0) return [];
    return [listItem('Interface', [element('Identifier', identifier), ...settings])];
  });
  return items.length === 0 ? [] : [element('Interfaces', items)];
}

function identified(
  adapters: readonly NetworkAdapter[],
  macAddresses: readonly string[],
): readonly IdentifiedAdapter[] {
  const named = new Set(
    adapters.flatMap(({ macAddress }) => (macAddress === undefined ? [] : [dashed(macAddress)])),
  );
  const free = macAddresses
    .map(dashed)
    .filter((address) => !named.has(address))
    .values();
  return adapters.map((adapter, index) => {
    const { macAddress } = adapter;
    const identifier = macAddress === undefined ? free.next().value : dashed(macAddress);
    if (identifier !== undefined) return { identifier, adapter };
    throw new UnattendError(
      'unattend.adapter',
      `There is no network adapter for the settings of number ${index + 1}: the machine has ${macAddresses.length}`,
      {
        hint: 'Take the adapter out of the step, or give the MAC address of the one that is meant.',
      },
    );
  });
}

/** `00-15-5D-01-02-03`, as answer files have it. */
function dashed(macAddress: string): string {
  const digits = macAddress.replaceAll(/[^\da-f]/gi, '').toUpperCase();
  return digits.replaceAll(/..(?=.)/g, '$&-');
}

function tcpIp(adapter: NetworkAdapter): readonly UnattendElement[] {
  const { dhcp, ipAddresses, subnetMasks, gateways, gatewayMetrics } = adapter;
  const v4 = element('Ipv4Settings', [element('DhcpEnabled', String(dhcp))]);
  if (dhcp) return [v4];
  const addresses = ipAddresses.map((address, index) => {
    const length = subnetPrefix(subnetMasks[index] ?? subnetMasks.at(-1) ?? '', address);
    return `${address}/${length}`;
  });
  const routes = gateways.map((gateway, index) => {
    const metric = gatewayMetrics[index];
    return listItem('Route', [
      element('Identifier', String(index)),
      ...(metric === undefined ? [] : [element('Metric', metric)]),
      element('NextHopAddress', gateway),
      element('Prefix', gateway.includes(':') ? '::/0' : '0.0.0.0/0'),
    ]);
  });
  return [
    v4,
    element('UnicastIpAddresses', texts('IpAddress', addresses)),
    element('Routes', routes),
  ];
}

function dnsClient(adapter: NetworkAdapter): readonly UnattendElement[] {
  const { dnsDomain = '', dnsServers, dnsRegistration, fullDnsRegistration } = adapter;
  return [
    ...(dnsDomain.trim() === '' ? [] : [element('DNSDomain', dnsDomain.trim())]),
    ...(dnsServers.length === 0
      ? []
      : [element('DNSServerSearchOrder', texts('IpAddress', dnsServers))]),
    ...(dnsRegistration ? [element('EnableAdapterDomainNameRegistration', 'true')] : []),
    // Windows does it by itself: it is said only where the image may have it otherwise.
    ...(fullDnsRegistration ? [element('DisableDynamicUpdate', 'false')] : []),
  ];
}

function netBt({ winsServers, netbios }: NetworkAdapter): readonly UnattendElement[] {
  return [
    ...(winsServers.length === 0
      ? []
      : [element('NameServerList', texts('IpAddress', winsServers))]),
    element('NetbiosOptions', netbiosOptions[netbios]),
  ];
}

function globalDns({ dnsDomain = '', dnsSuffixes = '' }: DnsSettings): readonly UnattendElement[] {
  const suffixes = dnsSuffixes.split(/[,;\s]+/).filter((suffix) => suffix !== '');
  return [
    ...(dnsDomain.trim() === '' ? [] : [element('DNSDomain', dnsDomain.trim())]),
    ...(suffixes.length === 0
      ? []
      : [element('DNSSuffixSearchOrder', texts('DomainName', suffixes))]),
  ];
}

/** A list of plain texts, which are numbered by `wcm:keyValue` from 1. */
function texts(name: string, values: readonly string[]): readonly UnattendElement[] {
  return values.map((value, index) => listItem(name, value, index + 1));
}
