/**
 * Network adapters of Apply Network Settings, and the array of variables that holds them (reference:
 * variables, section 4). It counts only where its count is set, and then as a whole: what the
 * variables do not say of an adapter is not taken from the step.
 */
import { z } from 'zod';
import { badPreset, booleanOf, wholeNumberOf } from '#agent/sequence/action-variables.ts';
import type { ActionVariables } from '#agent/sequence/step.ts';
import { VARIABLE_MARK } from '#agent/sequence/variables.ts';
import { textList } from './text-list.ts';
import { trueOrFalse } from './true-or-false.ts';

const MAX_ADAPTERS = 64;
const MAX_LISTED = 64;

const Address = z.union([z.ipv4(), z.ipv6()], 'is no IP address');
const Mask = z.union([z.ipv4(), z.string().regex(/^\d{1,3}$/)], 'is no subnet mask');
const Port = z.string().regex(/^\d{1,5}$/, 'is no number of a port or protocol');
const addresses = (title: string, description = 'One or several, with commas.') =>
  textList(Address, MAX_LISTED).default([]).meta({ title, description });
const filtered = (title: string) =>
  textList(Port, MAX_LISTED).optional().meta({
    title,
    description: 'Only these pass. Without it nothing is filtered.',
  });

/** NetBIOS over TCP/IP, by the number that the variable has. */
const netbiosWords = { 0: 'dhcp', 1: 'enabled', 2: 'disabled' } as const;

const NetworkAdapter = z
  .strictObject({
    name: z.string().max(255).optional().meta({ title: 'Name of the connection' }),
    macAddress: z
      .string()
      .regex(/^([\da-f]{2}[:-]?){5}[\da-f]{2}$/i, 'is no MAC address')
      .optional()
      .meta({
        title: 'MAC address',
        description: 'Of the adapter that is meant. Without it they are taken in their order.',
      }),
    dhcp: trueOrFalse().default(true).meta({
      title: 'Obtain an IP address automatically',
      description: 'If not, address, subnet mask and gateway are those below.',
    }),
    ipAddresses: addresses('IP addresses'),
    subnetMasks: textList(Mask, MAX_LISTED).default([]).meta({
      title: 'Subnet masks',
      description: 'One for each address.',
    }),
    gateways: addresses('Gateways'),
    gatewayMetrics: textList(z.string().regex(/^\d{1,5}$/, 'is no metric'), MAX_LISTED)
      .default([])
      .meta({ title: 'Gateway metrics', description: 'One for each gateway.' }),
    dnsServers: addresses('DNS servers'),
    dnsDomain: z.string().max(255).optional().meta({ title: 'DNS suffix' }),
    dnsRegistration: trueOrFalse().default(false).meta({ title: 'Register the address in DNS' }),
    fullDnsRegistration: trueOrFalse().default(false).meta({
      title: 'Register under the full computer name',
    }),
    winsServers: addresses('WINS servers'),
    lmhosts: trueOrFalse().default(false).meta({ title: 'Look into LMHOSTS' }),
    netbios: z.enum(['dhcp', 'enabled', 'disabled']).default('dhcp').meta({
      title: 'NetBIOS over TCP/IP',
      description: 'dhcp: as the DHCP server says.',
    }),
    tcpPorts: filtered('TCP ports'),
    udpPorts: filtered('UDP ports'),
    ipProtocols: filtered('IP protocols'),
  })
  .superRefine((adapter, context) => {
    const issue = (path: string, message: string): void =>
      context.addIssue({ code: 'custom', path: [path], message });
    if (adapter.dhcp) return;
    for (const path of ['ipAddresses', 'subnetMasks', 'gateways'] as const)
      if (adapter[path].length === 0) issue(path, 'is needed where DHCP gives no address');
    if (adapter.subnetMasks.length > 0 && adapter.subnetMasks.length !== adapter.ipAddresses.length)
      issue('subnetMasks', 'has one for each IP address');
  });
export type NetworkAdapter = z.output<typeof NetworkAdapter>;

export const NetworkAdapters = z.array(NetworkAdapter).max(MAX_ADAPTERS);

/** What each setting is called behind base and index. */
const texts = {
  Name: 'name',
  MacAddress: 'macAddress',
  IPAddressList: 'ipAddresses',
  SubnetMask: 'subnetMasks',
  Gateways: 'gateways',
  GatewayCostMetric: 'gatewayMetrics',
  DNSServerList: 'dnsServers',
  DNSDomain: 'dnsDomain',
  WINSServerList: 'winsServers',
} as const;
const flags = {
  EnableDHCP: 'dhcp',
  EnableDNSRegistration: 'dnsRegistration',
  EnableFullDNSRegistration: 'fullDnsRegistration',
  EnableLMHOSTS: 'lmhosts',
} as const;
/** A filter is a switch and a list. */
const filters = {
  EnableTCPFiltering: { list: 'TCPFilterPortList', param: 'tcpPorts' },
  EnableUDPFiltering: { list: 'UDPFilterPortList', param: 'udpPorts' },
  EnableIPProtocolFiltering: { list: 'IPProtocolFilterList', param: 'ipProtocols' },
} as const;

/**
 * The array as variables that begin with `base`, and read from them.
 * @throws {StepError} `step.params`, naming the variable
 */
export function adapterVariables(base: string): ActionVariables {
  const countName = `${base}Count`;
  return {
    toVariables({ adapters }) {
      const parsed = NetworkAdapters.safeParse(adapters);
      if (!parsed.success || parsed.data.length === 0) return {};
      const variables: Record<string, string> = { [countName]: String(parsed.data.length) };
      for (const [index, adapter] of parsed.data.entries())
        for (const [name, text] of membersOf(adapter)) variables[`${base}${index}${name}`] = text;
      return variables;
    },
    override(params, preset) {
      const text = preset(countName);
      if (text === undefined) return params;
      const count = wholeNumberOf(countName, text);
      if (count > MAX_ADAPTERS)
        throw badPreset(countName, `${count} is more than ${MAX_ADAPTERS} adapters`);
      const adapters = Array.from({ length: count }, (_, index) =>
        readAdapter(`${base}${index}`, preset),
      );
      const issue = NetworkAdapters.safeParse(adapters).error?.issues[0];
      if (issue !== undefined) {
        const [index, param] = issue.path.map(String);
        throw badPreset(`${base}${index}`, `${param} ${issue.message}`);
      }
      return { ...params, adapters };
    },
  };
}

function* membersOf(adapter: NetworkAdapter): Generator<[string, string]> {
  for (const [name, param] of Object.entries({ ...texts, ...flags })) {
    const text = textOf(adapter[param]);
    if (text !== undefined) yield [name, text];
  }
  for (const [name, { list, param }] of Object.entries(filters)) {
    const ports = textOf(adapter[param]);
    yield [name, String(ports !== undefined)];
    if (ports !== undefined) yield [list, ports];
  }
  for (const [number, netbios] of Object.entries(netbiosWords))
    if (netbios === adapter.netbios) yield ['TcpipNetbiosOptions', number];
}

/** A setting as the text of a variable: a list is joined by commas. */
function textOf(value: string | boolean | readonly string[] | undefined): string | undefined {
  const text = typeof value === 'object' ? value.join(',') : value;
  return text === undefined || text === '' ? undefined : String(text);
}

/**
 * One adapter by the members behind `base`, as the variables have them: also what an importer reads.
 * @throws {StepError} `step.params`
 */
export function readAdapter(
  base: string,
  value: (name: string) => string | undefined,
): Readonly<Record<string, unknown>> {
  const adapter: Record<string, unknown> = {};
  const member = (name: string): string | undefined => {
    const text = value(`${base}${name}`)?.trim();
    return text === '' ? undefined : text;
  };
  for (const [name, param] of Object.entries(texts)) {
    const text = member(name) ?? (name === 'DNSDomain' ? member('DNSSuffix') : undefined);
    if (text !== undefined) adapter[param] = text;
  }
  for (const [name, param] of Object.entries(flags)) {
    const text = member(name);
    if (text !== undefined) adapter[param] = flagOf(`${base}${name}`, text);
  }
  for (const [name, { list, param }] of Object.entries(filters)) {
    const isOn = flagOf(`${base}${name}`, member(name) ?? 'false');
    if (isOn === true) adapter[param] = member(list) ?? '';
  }
  const netbios = member('TcpipNetbiosOptions');
  if (netbios !== undefined) {
    const word = Object.entries(netbiosWords).find(([number]) => number === netbios)?.[1];
    if (word === undefined)
      throw badPreset(`${base}TcpipNetbiosOptions`, `"${netbios}" is none of 0, 1, 2`);
    adapter['netbios'] = word;
  }
  return adapter;
}

/** What is made of variables is judged when they have been put in. */
function flagOf(name: string, text: string): boolean | string {
  return text.search(VARIABLE_MARK) >= 0 ? text : booleanOf(name, text);
}
