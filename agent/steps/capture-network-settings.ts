import { z } from 'zod';
import { plainActionVariables } from '#agent/sequence/action-variables.ts';
import type { WmiInventory, WmiRow } from '#agent/sequence/query-capability.ts';
import { defineLaterStep } from '#agent/sequence/step.ts';
import { trueOrFalse } from './true-or-false.ts';

const params = z.strictObject({
  membership: trueOrFalse().default(true).meta({
    title: 'Migrate domain and workgroup membership',
    description: 'Into OSDNetworkJoinType, OSDDomainName and OSDWorkgroupName.',
  }),
  adapters: trueOrFalse().default(true).meta({
    title: 'Migrate network adapter configuration',
    description: 'Into OSDAdapterCount and the variables of each adapter.',
  }),
});

/** Capture Network Settings (reference: steps, section 5). What it finds overrides Apply Network Settings. */
export const captureNetworkSettings = defineLaterStep({
  type: 'capture-network-settings',
  title: 'Capture Network Settings',
  menu: 'settings',
  help: 'Keeps membership and network adapters of the Windows that is there for the one that will be.',
  needs: ['query'],
  runsIn: ['full-os'],
  params,
  repeatable: true,
  actionVariables: plainActionVariables({
    OSDMigrateNetworkMembership: {
      param: 'membership',
      type: 'boolean',
      schema: params.shape.membership,
    },
    OSDMigrateAdapterSettings: {
      param: 'adapters',
      type: 'boolean',
      schema: params.shape.adapters,
    },
  }),
  references: () => [],
  async *simulate({ membership, adapters }, context) {
    yield { detail: 'Looking at the network of the Windows that is there' };
    const inventory = await context.platform.query.inventory(context.signal);
    const found = {
      ...(membership ? membershipOf(inventory) : {}),
      ...(adapters ? adaptersOf(inventory) : {}),
    };
    for (const [name, value] of Object.entries(found)) {
      context.variables.set(name, value);
      context.log(`${name} = ${value}`);
    }
    return {};
  },
});

function membershipOf(inventory: WmiInventory): Readonly<Record<string, string>> {
  const system = inventory['Win32_ComputerSystem']?.[0] ?? {};
  if (system['PartOfDomain'] === true && typeof system['Domain'] === 'string')
    return { OSDNetworkJoinType: '0', OSDDomainName: system['Domain'] };
  const workgroup = system['Workgroup'];
  if (typeof workgroup !== 'string') return {};
  return { OSDNetworkJoinType: '1', OSDWorkgroupName: workgroup };
}

/** Adapters with IP; one that is not known to have a fixed address takes it from DHCP. */
function adaptersOf(inventory: WmiInventory): Readonly<Record<string, string>> {
  const rows = (inventory['Win32_NetworkAdapterConfiguration'] ?? []).filter(
    (row) => row['IPEnabled'] === true,
  );
  if (rows.length === 0) return {};
  const variables: Record<string, string> = { OSDAdapterCount: String(rows.length) };
  for (const [index, row] of rows.entries())
    for (const [member, value] of Object.entries(membersOf(row)))
      if (value !== '') variables[`OSDAdapter${index}${member}`] = value;
  return variables;
}

function membersOf(row: WmiRow): Readonly<Record<string, string>> {
  const isStatic = row['DHCPEnabled'] === false;
  const fixed = {
    IPAddressList: listOf(row['IPAddress']),
    SubnetMask: listOf(row['IPSubnet']),
    Gateways: listOf(row['DefaultIPGateway']),
  };
  return {
    MacAddress: listOf(row['MACAddress']),
    EnableDHCP: String(!isStatic),
    ...(isStatic ? fixed : {}),
    DNSServerList: listOf(row['DNSServerSearchOrder']),
    DNSDomain: listOf(row['DNSDomain']),
  };
}

function listOf(value: WmiRow[string] | undefined): string {
  if (typeof value === 'string') return value;
  return typeof value === 'object' && value !== null ? value.join(',') : '';
}
