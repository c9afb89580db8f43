import { describe, expect, it } from 'vitest';
import { simulateStep } from './testing/simulate-step.ts';

const type = 'capture-network-settings';
const adapter = { IPEnabled: true, MACAddress: '00:11:22:33:44:55' };
const machine = {
  inventory: {
    Win32_ComputerSystem: [{ PartOfDomain: true, Domain: 'corp.example' }],
    Win32_NetworkAdapterConfiguration: [
      adapter,
      { IPEnabled: false },
      {
        ...adapter,
        DHCPEnabled: false,
        IPAddress: ['192.0.2.5'],
        IPSubnet: ['255.255.255.0'],
        DefaultIPGateway: ['192.0.2.1'],
        DNSServerSearchOrder: ['192.0.2.2', '192.0.2.3'],
      },
    ],
  },
};

describe('M02 capture-network-settings', () => {
  it('sets membership and adapters as Apply Network Settings reads them', async () => {
    const { changes } = await simulateStep(type, {}, { machine });
    expect(changes).toEqual({
      OSDNetworkJoinType: '0',
      OSDDomainName: 'corp.example',
      OSDAdapterCount: '2',
      OSDAdapter0MacAddress: '00:11:22:33:44:55',
      OSDAdapter0EnableDHCP: 'true',
      OSDAdapter1MacAddress: '00:11:22:33:44:55',
      OSDAdapter1EnableDHCP: 'false',
      OSDAdapter1IPAddressList: '192.0.2.5',
      OSDAdapter1SubnetMask: '255.255.255.0',
      OSDAdapter1Gateways: '192.0.2.1',
      OSDAdapter1DNSServerList: '192.0.2.2,192.0.2.3',
    });
  });

  it('sets nothing that is not known or not wanted', async () => {
    expect((await simulateStep(type, {})).changes).toEqual({});
    const variables = { OSDMigrateNetworkMembership: 'false' };
    const { changes } = await simulateStep(type, { adapters: false }, { machine, variables });
    expect(changes).toEqual({});
    const workgroup = { inventory: { Win32_ComputerSystem: [{ Workgroup: 'LAB' }] } };
    expect((await simulateStep(type, {}, { machine: workgroup })).changes).toEqual({
      OSDNetworkJoinType: '1',
      OSDWorkgroupName: 'LAB',
    });
  });
});
